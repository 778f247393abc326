import NIOCore
import NIOPosix
import Wire

/// What answers at an address at which nats.c found no NATS server.
enum NATSGreeting: Equatable, Sendable {
    /// A NATS server, with its `INFO`.
    case nats(NATSServerInfo)
    /// Something answers, but not as a NATS server does.
    case other
    /// A connection is accepted, and nothing comes: the server hangs, or its protocol lets the client speak first.
    case silence
    /// Nothing accepts a connection.
    case nobody

    /// - Parameters:
    ///   - greeting: the bytes that came before anything was sent.
    ///   - answer: the bytes that came after a line that most protocols answer; empty if it was not sent.
    init(greeting: [UInt8], answer: [UInt8]) {
        if greeting.starts(with: "INFO ".utf8) {
            self = .nats(NATSServerInfo(line: greeting.dropFirst("INFO ".utf8.count)))
        } else {
            self = greeting.isEmpty && answer.isEmpty ? .silence : .other
        }
    }
}

/// The `INFO` with which a NATS server greets.
struct NATSServerInfo: Equatable, Sendable {
    /// Whether the server itself has JetStream.
    let hasJetStream: Bool
    /// Whether it belongs to a cluster, whose other servers may have JetStream.
    let isInCluster: Bool
    /// The largest message that it accepts, header block and payload together, in bytes; nil if `INFO` does not say.
    let maximumPayload: Int64?

    init(hasJetStream: Bool, isInCluster: Bool, maximumPayload: Int64? = nil) {
        self.hasJetStream = hasJetStream
        self.isInCluster = isInCluster
        self.maximumPayload = maximumPayload
    }

    /// - Parameter line: JSON. A field that cannot be read is treated as missing.
    init(line: some Sequence<UInt8>) {
        do {
            let info = try JSONObject(Array(line.prefix { $0 != UInt8(ascii: "\r") }))
            self.init(
                hasJetStream: try info.flag("jetstream") ?? false, isInCluster: try info.text("cluster") != nil,
                maximumPayload: try info.whole("max_payload"))
        } catch {
            self.init(hasJetStream: true, isInCluster: true)
        }
    }
}

extension NATSGreeting {
    /// The time for each step: to connect, to be greeted, to be answered.
    private static let patience: TimeAmount = .seconds(1)

    /// Connects and listens, for up to three seconds in all.
    static func of(_ server: NATSServerURL) async -> NATSGreeting {
        let group = MultiThreadedEventLoopGroup.singleton
        let heard = group.next().makePromise(of: NATSGreeting.self)
        do {
            let channel = try await ClientBootstrap(group: group)
                .connectTimeout(patience)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(GreetingHandler(heard, patience: patience))
                    }
                }
                .connect(host: server.host, port: server.port).get()
            let greeting = try await heard.futureResult.get()
            try? await channel.close().get()
            return greeting
        } catch {
            heard.fail(error)  // fulfils the promise, which nothing else would
            return .nobody
        }
    }
}

/// Waits for the peer's first line, and asks for one if none comes.
private final class GreetingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// An `INFO` line has some hundred bytes.
    private static let maximumBytes = 1 << 16

    private let heard: EventLoopPromise<NATSGreeting>
    private let patience: TimeAmount
    private var bytes: [UInt8] = []
    private var hasAsked = false

    init(_ heard: EventLoopPromise<NATSGreeting>, patience: TimeAmount) {
        self.heard = heard
        self.patience = patience
    }

    func channelActive(context: ChannelHandlerContext) {
        context.eventLoop.assumeIsolated().scheduleTask(in: patience) { self.ask(context) }
    }

    /// Redis answers the word, an HTTP server the empty line. A NATS server never gets this, because it greets first.
    private func ask(_ context: ChannelHandlerContext) {
        guard bytes.isEmpty, context.channel.isActive else { return finish() }
        hasAsked = true
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "PING\r\n\r\n")), promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: patience) { self.finish() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytesView
        if bytes.contains(UInt8(ascii: "\n")) || bytes.count >= Self.maximumBytes { finish() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func finish() {
        heard.succeed(hasAsked ? NATSGreeting(greeting: [], answer: bytes) : NATSGreeting(greeting: bytes, answer: []))
    }
}
