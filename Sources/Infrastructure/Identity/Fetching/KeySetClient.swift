import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Fetches a set of keys over HTTP/1.1: one request on one connection, bounded in time and size. Follows no redirect.
struct KeySetClient: Sendable {
    /// The time for everything: looking up the name, connecting, TLS, the request and its answer.
    static let timeout = TimeAmount.seconds(5)

    let url: KeySetURL
    let eventLoopGroup: any EventLoopGroup

    /// Ends at once where the task is cancelled.
    ///
    /// - Throws: ``KeySetFetchError``.
    func fetch() async throws(KeySetFetchError) -> [UInt8] {
        let eventLoop = eventLoopGroup.next()
        let answer = eventLoop.makePromise(of: [UInt8].self)
        let deadline = eventLoop.scheduleTask(in: Self.timeout) {
            answer.fail(KeySetFetchError("did not answer within \(Self.timeout.nanoseconds / 1_000_000_000) seconds"))
        }
        defer { deadline.cancel() }
        begin(on: eventLoop, answer)
        do {
            return try await withTaskCancellationHandler {
                try await answer.futureResult.get()
            } onCancel: {
                answer.fail(KeySetFetchError("was not waited for"))
            }
        } catch {
            throw Self.explained(error)
        }
    }

    private func begin(on eventLoop: any EventLoop, _ answer: EventLoopPromise<[UInt8]>) {
        do {
            let encryption = try url.isEncrypted ? Self.encryption() : nil
            let connected = bootstrap(on: eventLoop, encryption, answer).connect(host: url.host, port: url.port)
            connected.whenFailure { answer.fail($0) }
            connected.whenSuccess { channel in
                answer.futureResult.whenComplete { _ in channel.close(promise: nil) }
                send(over: channel, answer)
            }
        } catch {
            answer.fail(error)
        }
    }

    private static func explained(_ error: any Error) -> KeySetFetchError {
        if let error = error as? KeySetFetchError { return error }
        let isTLS = error is NIOSSLError || error is NIOSSLExtraError || "\(error)".uppercased().contains("CERTIFICATE")
        return KeySetFetchError(isTLS ? "has no certificate that is trusted, or TLS failed" : "cannot be reached")
    }

    private static func encryption() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.shutdownTimeout = .milliseconds(100)
        return try NIOSSLContext(configuration: configuration)
    }

    private func bootstrap(
        on eventLoop: any EventLoop, _ encryption: NIOSSLContext?, _ answer: EventLoopPromise<[UInt8]>
    ) -> ClientBootstrap {
        ClientBootstrap(group: eventLoop).connectTimeout(Self.timeout).channelInitializer { [url] channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                if let encryption {
                    let isAddress = (try? SocketAddress(ipAddress: url.host, port: 0)) != nil
                    try pipeline.addHandler(
                        try NIOSSLClientHandler(context: encryption, serverHostname: isAddress ? nil : url.host))
                }
                try pipeline.addHTTPClientHandlers()
                try pipeline.addHandler(AnswerReader(answer))
            }
        }
    }

    private func send(over channel: any Channel, _ answer: EventLoopPromise<[UInt8]>) {
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: url.target,
            headers: [
                "host": url.authority, "accept": "application/jwk-set+json, application/json", "connection": "close",
            ])
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil)).whenFailure { answer.fail($0) }
    }

    /// Gathers the answer, as long as it is one that can be a set of keys.
    private final class AnswerReader: ChannelInboundHandler {
        typealias InboundIn = HTTPClientResponsePart

        private let answer: EventLoopPromise<[UInt8]>
        private var bytes: [UInt8] = []

        init(_ answer: EventLoopPromise<[UInt8]>) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head) where head.status != .ok:
                answer.fail(KeySetFetchError("answers with status \(head.status.code)"))
            case .head:
                break
            case .body(let part) where bytes.count + part.readableBytes > PublishedKeys.maximumBytes:
                answer.fail(KeySetFetchError("\(KeySetError.tooLong)"))
            case .body(let part):
                bytes.append(contentsOf: part.readableBytesView)
            case .end:
                answer.succeed(bytes)
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            answer.fail(KeySetFetchError("ends the connection before its answer"))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            answer.fail(error)
            context.close(promise: nil)
        }
    }
}

/// Why a set of keys was not fetched; the end of a sentence that begins with what was asked. Does not repeat the URL.
public struct KeySetFetchError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
