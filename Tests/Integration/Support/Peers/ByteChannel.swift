import NIOCore
import NIOPosix

/// Makes sense of one peer's byte stream; lives on its connection's event loop.
protocol StreamParser {
    /// Takes what it can from `bytes`; the rest is offered again with what comes next.
    mutating func consume(_ bytes: inout ByteBuffer, reply: (ByteBuffer) -> Void)
    /// The connection ended, orderly (`error` is `nil`) or not; called once.
    mutating func end(rest: inout ByteBuffer, error: (any Error)?)
}

/// A TCP connection to a local port, with TLS where ``ClientTLS/current`` says so, that does nothing of its own accord but hand bytes to a parser.
final class ByteChannel: Sendable {
    private let channel: any Channel

    private init(_ channel: any Channel) {
        self.channel = channel
    }

    /// - Parameter receiveBuffer: the kernel's receive buffer; a small one makes a slow reader slow early.
    static func connect(
        port: Int, receiveBuffer: Int? = nil, parser: @escaping @Sendable () -> any StreamParser
    ) async throws -> ByteChannel {
        let encryption = ClientTLS.current
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(10))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            // A parser that gets the peer's end first can still answer it, and a half-open socket stays half open.
            // With TLS both ends answer each other's goodbye.
            .channelOption(.allowRemoteHalfClosure, value: encryption == nil)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try encryption?.install(in: channel)
                    try channel.pipeline.syncOperations.addHandler(ParsingHandler(parser()))
                }
            }
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: SocketOptionValue(receiveBuffer))
        }
        return ByteChannel(try await bootstrap.connect(host: "127.0.0.1", port: port).get())
    }

    /// Writes without waiting; on a connection that has ended the bytes go nowhere.
    func write(_ bytes: some Collection<UInt8> & Sendable) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Writes and waits until the kernel has taken it.
    func writeThrough(_ bytes: some Collection<UInt8> & Sendable) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    func close() async {
        try? await channel.close().get()
    }

    /// Ends our direction only: the peer sees an end of file and can still send.
    func closeOutput() async throws {
        try await channel.close(mode: .output).get()
    }

    /// Ends the connection with a TCP reset.
    func reset() async throws {
        guard let socket = channel as? any SocketOptionProvider else { return }
        try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        await close()
    }

    /// Stops or goes on reading from the socket: what the peer sends piles up in the kernels' buffers, then in the peer.
    func setReading(_ isReading: Bool) async throws {
        try await channel.setOption(.autoRead, value: isReading).get()
    }
}

private final class ParsingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var parser: any StreamParser
    private var pending = ByteBuffer()
    private var error: (any Error)?
    private var hasEnded = false

    init(_ parser: any StreamParser) {
        self.parser = parser
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if pending.readableBytes == 0 {
            pending = bytes
        } else {
            pending.writeBuffer(&bytes)
        }
        var replies: [ByteBuffer] = []
        parser.consume(&pending) { replies.append($0) }
        pending.discardReadBytes()
        // Only now: a write that fails ends the connection, and so the parser, before it returns.
        for reply in replies { context.writeAndFlush(wrapOutboundOut(reply), promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed? = event as? ChannelEvent else { return context.fireUserInboundEventTriggered(event) }
        end()
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.error = error
        context.close(promise: nil)
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        parser.end(rest: &pending, error: error)
    }
}
