import NIOCore
import NIOWebSocket
import WebSocketRules
import Wire

/// The WebSocket protocol with one client, for its ``Connection``: checks incoming frames, assembles messages, and
/// answers pings and close frames. Used on the channel's event loop only.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = Never

    private let connection: Connection
    private var assembler: MessageAssembler
    /// The event loop's; nil where compression was not agreed on.
    private let inflater: Inflater?

    /// What the connection's conversation takes is known from its type: ``BinaryConversation``.
    ///
    /// - Parameter maximumBytes: the greatest size of a message, all fragments together and inflated.
    init(_ connection: Connection, maximumBytes: Int) {
        self.connection = connection
        inflater = connection.compressesMessages ? connection.connectionLoop.inflater : nil
        assembler = MessageAssembler(
            for: .server, acceptsBinary: connection.conversation is any BinaryConversation, maximumBytes: maximumBytes)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // Encoded frames are written from the encoder's context, so they bypass it.
        connection.opened(try? context.pipeline.syncOperations.context(handlerType: WebSocketFrameEncoder.self))
    }

    func handlerRemoved(context: ChannelHandlerContext) { connection.closed() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.heard()
        let frame = unwrapInboundIn(data)
        switch connection.state {
        case .open:
            perform(assembler.receive(frame, inflater: inflater))
        case .closing:
            // The client's answer to our close frame, or data that it sent before it saw that frame.
            if frame.opcode == .connectionClose { context.close(promise: nil) }
        case .closed:
            break
        }
    }

    private func perform(_ action: MessageAssembler.Action) {
        switch action {
        case .none:
            break
        case .binary(let bytes):
            (connection.conversation as? any BinaryConversation)?.receive(binary: bytes)
        case .text(let text, bytes: _):
            connection.conversation?.receive(text)
        case .pong(let payload):
            connection.write(ServerFrame.pong(payload))
        case .close(let code, reason: _):
            connection.sayLastWord(ServerFrame.close(code), isGoodbye: code == .normal)
        case .brokenClose(let violation):
            connection.countViolation()
            connection.sayLastWord(ServerFrame.close(Goodbye(violation)), isGoodbye: false)
        case .violation(let violation):
            connection.countViolation()
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
        case NIOWebSocketError.invalidFrameLength:
            connection.countViolation()
            connection.giveUpReading(.tooLarge)
        case is NIOWebSocketError:
            connection.countViolation()
            connection.giveUpReading(.protocolError)
        case is ByteToMessageDecoderError: break  // bytes after the one that could not be decoded
        default: context.close(promise: nil)  // the socket is broken
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: context.close(promise: nil)  // the client is gone, or has stopped reading
        case is ChannelShouldQuiesceEvent: connection.beginClosing(.goingAway)
        default: context.fireUserInboundEventTriggered(event)
        }
    }
}
