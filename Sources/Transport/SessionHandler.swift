import NIOCore
import NIOWebSocket
import WebSocketRules
import Wire

/// The connection after the upgrade: it converts frames to messages and back, and fulfils the duties of a client in RFC
/// 6455.
///
/// Every frame that it sends is masked with a fresh random key (§5.3). It answers a ping with the ping's bytes
/// (§5.5.3), and a close frame with the same code (§5.5.1). Pings are answered here and not by the receiver of the
/// events, so that a client whose user has paused the screen is not taken for dead.
final class SessionHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    /// How long the server may take to close the TCP connection after both close frames.
    private static let hangUp = TimeAmount.seconds(1)

    private let link: Link
    private var context: ChannelHandlerContext?
    private var assembler: MessageAssembler
    private let compression: (codec: MessageCodec, agreement: PerMessageDeflate)?
    private var hasSentClose = false
    private var isReadPending = false

    /// - Parameters:
    ///   - compression: nil where compression was not agreed on.
    ///   - maximumBytes: the greatest size of a whole message.
    init(
        link: Link, compression: (codec: MessageCodec, agreement: PerMessageDeflate)? = nil,
        maximumBytes: Int = WebSocketTransport.largestMessage
    ) {
        self.link = link
        self.compression = compression
        assembler = MessageAssembler(for: .client, acceptsBinary: true, maximumBytes: maximumBytes)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: Outbound

    func send(_ text: ByteBuffer, number: Int?) {
        guard let context, !hasSentClose else { return }
        let promise = number.map { number in
            let promise = context.eventLoop.makePromise(of: Void.self)
            let link = NIOLoopBound(link, eventLoop: context.eventLoop)
            promise.futureResult.whenSuccess { link.value.report(.sent(number)) }
            return promise
        }
        writeMessage(.text, text, promise: promise)
        context.flush()
    }

    func send(binary bytes: ByteBuffer) {
        guard let context, !hasSentClose else { return }
        writeMessage(.binary, bytes)
        context.flush()
    }

    func close(_ code: CloseCode) {
        guard let context, !hasSentClose else { return }
        hasSentClose = true
        var payload = ByteBuffer()
        if code != .noStatus { payload.writeInteger(code.rawValue) }
        write(.connectionClose, payload)
        context.flush()
    }

    /// Reads more from the socket only while the receiver keeps up.
    func read(context: ChannelHandlerContext) {
        if link.sinkHasRoom {
            context.read()
        } else {
            isReadPending = true
        }
    }

    func resumeReading() {
        guard isReadPending, let context else { return }
        isReadPending = false
        read(context: context)
    }

    private func writeMessage(_ opcode: WebSocketOpcode, _ data: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        guard let (codec, agreement) = compression, let window = agreement.window,
            let compressed = codec.deflate(data, window)
        else { return write(opcode, data, promise: promise) }
        let frame = WebSocketFrame(fin: true, rsv1: true, opcode: opcode, maskKey: .random(), data: compressed)
        context?.write(wrapOutboundOut(frame), promise: promise)
    }

    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
        context?.write(wrapOutboundOut(frame), promise: promise)
    }

    // MARK: Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if link.isOver { return }
        switch assembler.receive(unwrapInboundIn(data), inflater: compression?.codec.inflater) {
        case .none: link.report(.alive)
        case .binary(let bytes): link.report(.receivedBinary(bytes))
        case .text(_, let message): link.report(.received(message))
        case .pong(let data):
            if !hasSentClose {
                write(.pong, data)
                context.flush()
            }
            link.report(.alive)
        case .close(let code, let reason): closed(code, reason: reason, context: context)
        case .violation(let violation), .brokenClose(let violation):
            fail(violation.code, violation.words, context: context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        link.end(.lost(""))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: fail(.tooBig, "message too big", context: context)
        case is NIOWebSocketError: fail(.protocolError, "broken frame", context: context)
        default:
            let words = TLSFailure.words(for: error, certificate: nil) ?? ConnectFailure.words(for: error)
            link.end(.lost(words))
            context.close(promise: nil)
        }
    }

    private func closed(_ code: CloseCode, reason: String, context: ChannelHandlerContext) {
        let isAnswer = hasSentClose
        close(code)
        link.end(.closed(code, reason: reason))
        if isAnswer {
            context.close(promise: nil)
        } else {
            hangUpSoon(context: context)  // the server closes the connection first (§7.1.1)
        }
    }

    /// Fails the connection because of the server's answer to the upgrade.
    func reject(_ words: String) {
        if let context { fail(.protocolError, words, context: context) }
    }

    private func fail(_ code: CloseCode, _ words: String, context: ChannelHandlerContext) {
        close(code)
        link.end(.lost("the server broke the protocol: \(words)"))
        hangUpSoon(context: context)
    }

    private func hangUpSoon(context: ChannelHandlerContext) {
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.hangUp) { channel.close(promise: nil) }
    }
}
