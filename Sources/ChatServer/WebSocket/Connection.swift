import CoreMetrics
import Domain
import NIOCore
import NIOWebSocket
import Service
import Wire

/// One client's WebSocket connection: frames in, frames out, keep-alive, closing. What the frames mean is its
/// ``ClassicConversation``'s business.
///
/// Sendable because everything mutable is touched on the event loop only; what may be called from elsewhere leaves its
/// work in the loop's mailbox, which keeps it in order.
final class Connection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = Never

    struct Limits: Sendable {
        /// Greatest size of a message in bytes, fragments together.
        let messageBytes: Int
        /// Unsent output past which a reader is too slow, in bytes.
        let sendBufferBytes: Int
    }

    /// Figures of docs/protocol.md, “Keep-alive”, and how long a peer may take to say goodbye.
    private enum Patience {
        static let pingInterval = TimeAmount.seconds(25)
        static let silence = TimeAmount.seconds(60)
        static let goodbye = TimeAmount.seconds(5)
    }

    private enum State {
        case open
        /// Our close frame is on its way. The channel is closed when the peer closes, or at that time.
        case closing(until: NIODeadline)
        case closed
    }

    let connectionLoop: ConnectionLoop
    /// Set before the connection is in its pipeline, and let go when it is closed.
    var conversation: ClassicConversation?
    /// Marks this connection while its loop writes a batch that holds messages of its own.
    var isSenderInBatch = false
    /// While true nothing more is read from the socket.
    var isReadingPaused = false {
        didSet { resumeReading() }
    }

    private let channel: any Channel
    private let fanout: Fanout
    private let limits: Limits
    private let metrics: EdgeMetrics
    private var state = State.open
    private var assembler: MessageAssembler
    private var context: ChannelHandlerContext?
    /// Where finished frames enter the pipeline: past NIO's frame encoder.
    private var rawContext: ChannelHandlerContext?
    private var isReadHeldBack = false
    private var lastHeard: NIODeadline
    private var lastPing: NIODeadline

    init(channel: any Channel, connectionLoop: ConnectionLoop, fanout: Fanout, limits: Limits, metrics: EdgeMetrics) {
        self.channel = channel
        self.connectionLoop = connectionLoop
        self.fanout = fanout
        self.limits = limits
        self.metrics = metrics
        assembler = MessageAssembler(maximumBytes: limits.messageBytes)
        lastHeard = .now()
        lastPing = lastHeard
    }

    // MARK: From any thread

    /// Tells this client something, after everything it was told before.
    func send(_ event: ClassicEvent) {
        connectionLoop.post(.write(ServerFrame.text(event.json), self))
    }

    /// Says goodbye, after everything it was told before.
    func close(_ code: CloseCode) {
        connectionLoop.post(.close(code, self))
    }

    // MARK: On the event loop: writing

    /// Writes finished frames. What a connection that is closing was still to be told is dropped.
    func write(_ frames: ByteBuffer) {
        guard case .open = state else { return }
        rawContext?.writeAndFlush(NIOAny(frames), promise: nil)
        // Writable is one load of a flag; the bytes are counted only past the channel's high water mark of 64 KiB.
        guard !channel.isWritable else { return }
        let unsent = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard unsent > limits.sendBufferBytes else { return }
        metrics.connectionsClosedSlow.increment()
        beginClosing(.tooSlow)
    }

    /// Sends a close frame, behind everything that is still to be sent, and waits for the peer's.
    func beginClosing(_ code: CloseCode) {
        sayGoodbye(ServerFrame.close(code.number, reason: code.reason), promise: nil)
    }

    /// The one way out of the open state that says something: nothing is written after this frame.
    private func sayGoodbye(_ frame: ByteBuffer, promise: EventLoopPromise<Void>?) {
        guard case .open = state else { return }
        state = .closing(until: .now() + Patience.goodbye)
        rawContext?.writeAndFlush(NIOAny(frame), promise: promise)
        conversationEnds()
    }

    /// Called by the loop's sweep, each second.
    func keepAlive(now: NIODeadline) {
        switch state {
        case .open where now - lastHeard > Patience.silence:
            channel.close(promise: nil)
        case .open where now - lastPing >= Patience.pingInterval:
            lastPing = now
            write(ServerFrame.ping())
        case .closing(let deadline) where now >= deadline:
            channel.close(promise: nil)
        case .open, .closing, .closed:
            break
        }
    }

    private func conversationEnds() {
        conversation?.connectionEnded()
        conversation = nil
    }

    // MARK: On the event loop: reading

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        rawContext = try? context.pipeline.syncOperations.context(handlerType: WebSocketFrameEncoder.self)
        connectionLoop.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        state = .closed
        connectionLoop.remove(self)
        conversationEnds()
        self.context = nil
        rawContext = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastHeard = connectionLoop.coarseNow
        let frame = unwrapInboundIn(data)
        switch state {
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
        case .none:
            break
        case .text(let text):
            conversation?.receive(text)
        case .pong(let payload):
            write(ServerFrame.pong(payload))
        case .close(let code):
            // Closed once the answer is written; a peer that does not read is given until the deadline.
            let written = channel.eventLoop.makePromise(of: Void.self)
            let channel = channel
            written.futureResult.whenComplete { _ in channel.close(promise: nil) }
            sayGoodbye(ServerFrame.close(code), promise: written)
        case .violation(let code):
            beginClosing(code)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: beginClosing(.tooLarge)
        case is NIOWebSocketError: beginClosing(.protocolError)
        default: context.close(promise: nil)  // the socket is broken
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: context.close(promise: nil)  // the peer is gone, or will hear nothing more
        case is ChannelShouldQuiesceEvent: beginClosing(.goingAway)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: On the event loop: backpressure

    func read(context: ChannelHandlerContext) {
        if isReadingPaused {
            isReadHeldBack = true
        } else {
            context.read()
        }
    }

    private func resumeReading() {
        guard !isReadingPaused, isReadHeldBack else { return }
        isReadHeldBack = false
        context?.read()
    }
}

extension Connection: ClientConnection {
    func enter(_ room: RoomName, showing notice: MembershipNotice) {
        fanout.enter(room, self, showing: .membership(notice))
    }

    func exit(_ room: RoomName) { fanout.exit(room, self) }

    func end(_ reason: EndReason) {
        switch reason {
        case .nameLost: close(.nameLost)
        }
    }
}
