public import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// The transport over TCP, on one event loop.
///
/// A connection costs its socket, its handlers and an entry in a table, but neither a thread nor a task: one transport per
/// event loop of a group carries thousands. Calls and reports of one transport stay on its loop.
public final class WebSocketTransport: ClientTransport {
    private let loop: any EventLoop
    private let userAgent: String
    private let sink: any ConnectionSink
    /// The attempts under way and those still on their way out.
    private let links: NIOLoopBoundBox<[Attempt: Link]>

    /// - Parameters:
    ///   - loop: where everything happens, the calls of `sink` too; one of NIO's shared loops where absent.
    ///   - userAgent: what the `User-Agent` header says.
    public init(loop: (any EventLoop)? = nil, userAgent: String, sink: any ConnectionSink) {
        let loop = loop ?? MultiThreadedEventLoopGroup.singleton.next()
        self.loop = loop
        self.userAgent = userAgent
        self.sink = sink
        links = .makeBoxSendingValue([:], eventLoop: loop)
    }

    public func connect(_ attempt: Attempt, to address: ServerAddress, asking request: UpgradeRequest) {
        loop.execute { self.startConnecting(attempt, to: address, asking: request) }
    }

    public func send(_ text: ByteBuffer, number: Int?, on attempt: Attempt) {
        loop.execute { self.links.value[attempt]?.session?.send(text, number: number) }
    }

    public func close(_ attempt: Attempt, code: CloseCode) {
        loop.execute { self.links.value[attempt]?.session?.close(code) }
    }

    public func abandon(_ attempt: Attempt) {
        loop.execute { self.links.value[attempt]?.abandon() }
    }

    public func resumeReading() {
        loop.execute {
            for link in self.links.value.values { link.session?.resumeReading() }
        }
    }

    private func startConnecting(_ attempt: Attempt, to address: ServerAddress, asking request: UpgradeRequest) {
        let link = Link(attempt: attempt, sink: sink)
        links.value[attempt] = link
        let bound = NIOLoopBound(link, eventLoop: loop)
        let userAgent = userAgent
        ClientBootstrap(group: loop)
            .connectTimeout(.seconds(10))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.configure(
                        channel, link: bound.value, address: address, request: request, userAgent: userAgent)
                }
            }
            .connect(host: address.host, port: address.port)
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    channel.closeFuture.whenComplete { _ in self.forget(attempt) }
                    bound.value.channel = channel
                    if bound.value.isOver { channel.close(promise: nil) }  // abandoned meanwhile
                case .failure(let error):
                    bound.value.end(.unreachable(ConnectFailure.words(for: error)))
                    self.forget(attempt)
                }
            }
    }

    private func forget(_ attempt: Attempt) {
        links.value[attempt] = nil
    }

    /// Sets a fresh channel up for the handshake, and the rest for when it succeeded.
    static func configure(
        _ channel: any Channel, link: Link, address: ServerAddress, request: UpgradeRequest, userAgent: String
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        let handshake = HandshakeHandler(link: link, address: address, request: request, userAgent: userAgent)
        let bound = NIOLoopBound((link, handshake), eventLoop: channel.eventLoop)
        let upgrader = NIOWebSocketClientUpgrader(
            maxFrameSize: MessageAssembler.largestMessage, automaticErrorHandling: false
        ) { channel, response in
            channel.eventLoop.makeCompletedFuture {
                let (link, handshake) = bound.value
                let session = SessionHandler(link: link)
                try channel.pipeline.syncOperations.addHandler(session)
                channel.pipeline.syncOperations.removeHandler(handshake, promise: nil)
                link.session = session
                let chosen = response.headers.first(name: "Sec-WebSocket-Protocol")
                if let chosen, !request.subprotocols.contains(chosen) {
                    session.reject("it chose a subprotocol that it was not offered")  // §4.1
                } else {
                    link.report(.opened(subprotocol: chosen))
                }
            }
        }
        try pipeline.addHTTPClientHandlers(
            // The first frames can share a packet with the response; they must not be lost.
            leftOverBytesStrategy: .forwardBytes,
            withClientUpgrade: ([upgrader], { _ in }))
        try pipeline.addHandler(handshake)
    }
}
