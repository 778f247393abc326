import NIOCore
import NIOWebSocket
import WebSocketRules
import Wire

/// Speaks WebSocket with one client, for its ``Connection``: checks the frames that come in, puts messages together, and
/// answers pings and goodbyes. Used on the channel's event loop only.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = Never

    private let connection: Connection
    private var assembler: MessageAssembler

    /// - Parameter maximumBytes: greatest size of a message, fragments together.
    init(_ connection: Connection, maximumBytes: Int) {
        self.connection = connection
        assembler = MessageAssembler(for: .server, maximumBytes: maximumBytes)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // Finished frames go past NIO's frame encoder.
        connection.opened(try? context.pipeline.syncOperations.context(handlerType: WebSocketFrameEncoder.self))
    }

    func handlerRemoved(context: ChannelHandlerContext) { connection.closed() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.heard()
        let frame = unwrapInboundIn(data)
        switch connection.state {
        case .open:
            perform(assembler.receive(frame))
        case .closing:
            // The peer's answer to our close, or what it sent before it saw it.
            if frame.opcode == .connectionClose { context.close(promise: nil) }
        case .closed:
            break
        }
    }

    private func perform(_ action: MessageAssembler.Action) {
        switch action {
        case .none, .binary:  // a binary message is a violation where a server receives it
            break
        case .text(let text, bytes: _):
            connection.conversation?.receive(text)
        case .pong(let payload):
            connection.write(ServerFrame.pong(payload))
        case .close(let code, reason: _):
            connection.sayLastWord(ServerFrame.close(code), isGoodbye: code == .normal)
        case .brokenClose(let violation):
            connection.sayLastWord(ServerFrame.close(Goodbye(violation)), isGoodbye: false)
        case .violation(let violation):
            connection.beginClosing(Goodbye(violation))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        connection.readCompleted()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { connection.canWriteAgain() }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if connection.mayRead() { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: connection.giveUpReading(.tooLarge)
        case is NIOWebSocketError: connection.giveUpReading(.protocolError)
        case is ByteToMessageDecoderError: break  // what comes behind that
        default: context.close(promise: nil)  // the socket is broken
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: context.close(promise: nil)  // the peer is gone, or will hear nothing more
        case is ChannelShouldQuiesceEvent: connection.beginClosing(.goingAway)
        default: context.fireUserInboundEventTriggered(event)
        }
    }
}
