import Foundation
import InfrastructureConfiguration
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Service
import Wire

/// `server --health`: what a container's health check runs, so that its image needs no HTTP client.
struct HealthCheck {
    private static let timeout = TimeAmount.seconds(3)

    private let host: String
    private let port: Int
    private let isEncrypted: Bool
    /// Sent first where the server takes this machine for a proxy that begins with a PROXY header.
    private let preface: String

    init(_ configuration: ChatConfiguration) {
        // A server that listens on every address listens on loopback too.
        host = ["0.0.0.0", "::", ""].contains(configuration.host) ? "127.0.0.1" : configuration.host
        port = configuration.port
        isEncrypted = configuration.isTLSOn
        let address = IPAddress(host)
        let isProxy = configuration.trustedProxies.contains { range in address.map(range.contains) == true }
        preface = configuration.proxyProtocol == .on && isProxy ? "PROXY UNKNOWN\r\n" : ""
    }

    func run() async throws {
        let encryption = try isEncrypted ? Self.encryption() : nil
        let status: EventLoopFuture<HTTPResponseStatus>
        do {
            let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
            let answer = eventLoop.makePromise(of: HTTPResponseStatus.self)
            eventLoop.scheduleTask(in: Self.timeout) { answer.fail(ChannelError.connectTimeout(Self.timeout)) }
            let channel = try await ClientBootstrap(group: eventLoop).connectTimeout(Self.timeout)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if !preface.isEmpty { try channel.pipeline.syncOperations.addHandler(Preface(preface)) }
                        if let encryption {
                            let handler = try NIOSSLClientHandler(context: encryption, serverHostname: nil)
                            try channel.pipeline.syncOperations.addHandler(handler)
                        }
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(StatusReader(answer))
                    }
                }
                .connect(host: host, port: port).get()
            let name = host.contains(":") ? "[\(host)]" : host
            let head = HTTPRequestHead(
                version: .http1_1, method: .GET, uri: "/healthz", headers: ["host": name, "connection": "close"])
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
            status = answer.futureResult
            guard try await status.get() == .ok else { throw StartupError("not healthy") }
        } catch {
            throw StartupError("no healthy server at \(host):\(port)")
        }
    }

    /// The server's certificate is not checked: it is for the name that clients use and not for this address, the one
    /// that is asked is this machine, it is told no secret, and a certificate that is over is no reason to start anew.
    private static func encryption() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.minimumTLSVersion = .tlsv12
        return try NIOSSLContext(configuration: configuration)
    }

    /// Sends some bytes before all others.
    private final class Preface: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let text: String

        init(_ text: String) { self.text = text }

        func channelActive(context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            context.fireChannelActive()
        }
    }

    private final class StatusReader: ChannelInboundHandler {
        typealias InboundIn = HTTPClientResponsePart
        private let answer: EventLoopPromise<HTTPResponseStatus>

        init(_ answer: EventLoopPromise<HTTPResponseStatus>) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if case .head(let head) = unwrapInboundIn(data) { answer.succeed(head.status) }
        }

        func channelInactive(context: ChannelHandlerContext) { answer.fail(ChannelError.eof) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { answer.fail(error) }
    }
}
