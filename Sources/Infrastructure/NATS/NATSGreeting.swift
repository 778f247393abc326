import NIOCore
import NIOPosix
import Wire

/// What is found behind an address where nats.c has found no NATS server.
enum NATSGreeting: Equatable, Sendable {
    /// A NATS server, with what it says of itself.
    case nats(NATSServerInfo)
    /// Somebody answers, but not as a NATS server does.
    case other
    /// A connection is taken, and nothing is said: a server that stands still, or one that waits to be spoken to.
    case silence
    /// Nobody takes the connection.
    case nobody

    /// - Parameters:
    ///   - greeting: what came in before anything was sent.
    ///   - answer: what came in after that to a line that most protocols answer; empty where it was not sent.
    init(greeting: [UInt8], answer: [UInt8]) {
        if greeting.starts(with: "INFO ".utf8) {
            self = .nats(NATSServerInfo(line: greeting.dropFirst("INFO ".utf8.count)))
        } else {
            self = greeting.isEmpty && answer.isEmpty ? .silence : .other
        }
    }
}

/// What a NATS server says of itself before anything else.
struct NATSServerInfo: Equatable, Sendable {
    /// Whether the server itself keeps streams.
    let hasJetStream: Bool
    /// Whether there are other servers, which may keep streams where this one does not.
    let isInCluster: Bool
    /// The largest message that it takes, header block and payload together, in bytes; nil where it does not say.
    let maximumPayload: Int64?

    init(hasJetStream: Bool, isInCluster: Bool, maximumPayload: Int64? = nil) {
        self.hasJetStream = hasJetStream
        self.isInCluster = isInCluster
        self.maximumPayload = maximumPayload
    }

    /// - Parameter line: JSON. Of what cannot be read nothing is concluded.
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
    /// For each: to connect, to be greeted, to be answered.
    private static let patience: TimeAmount = .seconds(1)

    /// Connects and listens, for up to three seconds.
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
            heard.fail(error)  // or nobody would have kept it
            return .nobody
        }
    }
}

/// Hears the first line of whoever is connected to, and where none comes, asks for one.
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

    /// Redis answers the word, an HTTP server the empty line. No server of NATS is asked: it has greeted.
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
