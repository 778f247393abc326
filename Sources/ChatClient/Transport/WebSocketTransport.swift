import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Wire

/// The transport over TCP, on an event loop of its own.
final class WebSocketTransport: ClientTransport {
    private let loop: any EventLoop
    private let sink: any ConnectionSink
    /// The one attempt that matters, and those still on their way out.
    private let links: NIOLoopBoundBox<[Attempt: Link]>

    init(loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(), sink: any ConnectionSink) {
        self.loop = loop
        self.sink = sink
        links = .makeBoxSendingValue([:], eventLoop: loop)
    }

    func connect(_ attempt: Attempt, to address: ServerAddress, asking request: UpgradeRequest) {
        loop.execute { self.startConnecting(attempt, to: address, asking: request) }
    }

    func send(_ command: ClassicCommand, number: Int, on attempt: Attempt) {
        loop.execute { self.links.value[attempt]?.session?.send(command, number: number) }
    }

    func close(_ attempt: Attempt, code: CloseCode) {
        loop.execute { self.links.value[attempt]?.session?.close(code) }
    }

    func abandon(_ attempt: Attempt) {
        loop.execute { self.links.value[attempt]?.abandon() }
    }

    func resumeReading() {
        loop.execute {
            for link in self.links.value.values { link.session?.resumeReading() }
        }
    }

    private func startConnecting(_ attempt: Attempt, to address: ServerAddress, asking request: UpgradeRequest) {
        let link = Link(attempt: attempt, sink: sink)
        links.value[attempt] = link
        let bound = NIOLoopBound(link, eventLoop: loop)
        ClientBootstrap(group: loop)
            .connectTimeout(.seconds(10))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.configure(channel, link: bound.value, address: address, request: request)
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
        _ channel: any Channel, link: Link, address: ServerAddress, request: UpgradeRequest
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        let handshake = HandshakeHandler(link: link, address: address, request: request)
        let bound = NIOLoopBound((link, handshake), eventLoop: channel.eventLoop)
        let upgrader = NIOWebSocketClientUpgrader(
            maxFrameSize: MessageAssembler.largestMessage, automaticErrorHandling: false
        ) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                let (link, handshake) = bound.value
                let session = SessionHandler(link: link)
                try channel.pipeline.syncOperations.addHandler(session)
                channel.pipeline.syncOperations.removeHandler(handshake, promise: nil)
                link.session = session
                link.report(.opened)
            }
        }
        try pipeline.addHTTPClientHandlers(
            // The first frames can share a packet with the response; they must not be lost.
            leftOverBytesStrategy: .forwardBytes,
            withClientUpgrade: ([upgrader], { _ in }))
        try pipeline.addHandler(handshake)
    }
}
