import CoreMetrics
import Domain
import Foundation
import NIOCore
import NIOWebSocket
import Service
import WebSocketRules
import Wire

/// One client's WebSocket connection: frames in, frames out, keep-alive, closing. What the frames mean is its
/// ``Conversation``'s business.
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

        /// Past which it is too slow even for its answers: what one tick writes and a page come on top.
        var hardBytes: Int { sendBufferBytes + (512 << 10) }
    }

    /// Figures of docs/protocol.md, “Keep-alive”, and how long a peer may take to say goodbye.
    private enum Patience {
        static let pingInterval = TimeAmount.seconds(25)
        static let silence = TimeAmount.seconds(60)
        /// The same while our output is on its way, and a ping behind it, as long as the peer's TCP acknowledges any.
        static let slowness = TimeAmount.minutes(10)
        static let goodbye = TimeAmount.seconds(5)
    }

    private enum State {
        case open
        /// Our close frame is on its way. The channel is closed when the peer closes, or at that time.
        case closing(until: NIODeadline)
        case closed
    }

    let connectionLoop: ConnectionLoop
    /// Set as soon as the connection is in its pipeline, and let go when it is closed.
    var conversation: (any Conversation)?
    /// Marks this connection while its loop writes a batch that holds messages of its own.
    var isSenderInBatch = false
    /// While true nothing more is read from the socket.
    var isReadingPaused = false {
        didSet { resumeReading() }
    }

    private let channel: any Channel
    private let fanout: Fanout
    private let gate: Gate
    private let limits: Limits
    private let metrics: EdgeMetrics
    private var state = State.open
    private var assembler: MessageAssembler
    private var context: ChannelHandlerContext?
    /// Where finished frames enter the pipeline: past NIO's frame encoder.
    private var rawContext: ChannelHandlerContext?
    private var output: DirectOutput
    /// Answers that are written at the end of the tick.
    private var gathered = ByteBuffer()
    private var isReadHeldBack = false
    /// When the read began whose frames are being worked on; nil between two reads.
    private var readTime: NIODeadline?
    private var lastHeard: NIODeadline
    private var lastPing: NIODeadline

    init(
        channel: any Channel, connectionLoop: ConnectionLoop, fanout: Fanout, limits: Limits, gate: Gate,
        metrics: EdgeMetrics
    ) {
        self.channel = channel
        self.connectionLoop = connectionLoop
        self.fanout = fanout
        self.limits = limits
        self.gate = gate
        self.metrics = metrics
        output = DirectOutput(PlainTransport(of: channel))
        assembler = MessageAssembler(for: .server, maximumBytes: limits.messageBytes)
        lastHeard = .now()
        lastPing = lastHeard
    }

    // MARK: From any thread

    /// Tells this client something, after everything it was told before.
    func send(_ event: ClassicEvent) { send(ServerFrame.text(event.json)) }

    /// Tells this client something, after everything it was told before.
    func send(_ frame: V2Frame) { send(ServerFrame.text(frame.json)) }

    private func send(_ frame: ByteBuffer) { connectionLoop.post(.write(frame, self)) }

    /// Says goodbye, after everything it was told before.
    func close(_ goodbye: Goodbye) {
        connectionLoop.post(.close(goodbye, self))
    }

    // MARK: On the event loop: writing

    /// Writes finished frames. What a connection that is closing was still to be told is dropped.
    func write(_ frames: ByteBuffer) {
        if gathered.readableBytes > 0 { writeGathered() }
        guard case .open = state, let rest = output.send(frames) else { return }
        rawContext?.writeAndFlush(NIOAny(rest), promise: nil)
        // Writable is one load of a flag; the bytes are counted only past the channel's high water mark of 64 KiB.
        guard !channel.isWritable, unsentBytes > limits.sendBufferBytes else { return }
        if unsentBytes <= limits.hardBytes, conversation?.fallBehind() ?? false { return }
        metrics.connectionsClosedSlow.increment()
        beginClosing(.tooSlow)
    }

    /// Writes an answer; many at once where many are given in a tick, as the acknowledgements of a busy sender are.
    func write(_ frame: V2Frame) {
        var frame = ServerFrame.text(frame.json)
        guard connectionLoop.isGathering else { return write(frame) }
        if gathered.readableBytes == 0 {
            connectionLoop.gatherers.append(self)
            gathered = frame
        } else {
            gathered.writeBuffer(&frame)
        }
    }

    func writeGathered() {
        guard gathered.readableBytes > 0 else { return }
        let frames = gathered
        gathered = ByteBuffer()
        write(frames)
    }

    /// What is read at a time for a client that is behind: a page must fit into what may be unsent.
    var pageLimit: PageLimit {
        let limit = TopicEngine.pageLimit
        return PageLimit(entries: limit.entries, bytes: min(limit.bytes, limits.sendBufferBytes / 2))
    }

    /// Whether the socket takes more, within the channel's low water mark of 32 KiB and its high one of 64 KiB.
    var isWritable: Bool { channel.isWritable }

    private var unsentBytes: Int { (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { conversation?.canWriteAgain() }
        context.fireChannelWritabilityChanged()
    }

    /// Tells the client to come back after `delay`, and says goodbye then.
    func sendAway(after delay: TimeAmount, because reason: String) {
        if let frame = conversation?.reconnectFrame(after: delay, because: reason) { write(frame) }
        channel.eventLoop.scheduleTask(in: delay) { [self] in beginClosing(.draining) }
    }

    /// Sends a close frame, behind everything that is still to be sent, and waits for the peer's.
    func beginClosing(_ goodbye: Goodbye) {
        sayGoodbye(ServerFrame.close(goodbye), promise: nil)
    }

    /// The one way out of the open state that says something: nothing is written after this frame.
    private func sayGoodbye(_ frame: ByteBuffer, promise: EventLoopPromise<Void>?, isGoodbye: Bool = false) {
        writeGathered()
        guard case .open = state else { return }
        state = .closing(until: .now() + Patience.goodbye)
        rawContext?.writeAndFlush(NIOAny(frame), promise: promise)
        conversationEnds(isGoodbye: isGoodbye)
    }

    /// Called by the loop's sweep, each second.
    func keepAlive(now: NIODeadline) {
        switch state {
        case .open where now - lastHeard > Patience.silence:
            closeUnlessSlow(silence: now - lastHeard)
        case .open where now - lastPing >= Patience.pingInterval:
            lastPing = now
            write(ServerFrame.ping())
        case .closing(let deadline) where now >= deadline:
            channel.close(promise: nil)
        case .open, .closing, .closed:
            break
        }
    }

    /// A ping that stands behind output which the peer takes slowly gets a late answer. Its TCP tells whether it is there.
    private func closeUnlessSlow(silence: TimeAmount) {
        guard silence <= Patience.slowness, let options = channel as? any SocketOptionProvider else {
            return channel.close(promise: nil)
        }
        let channel = channel
        options.getTCPInfo().whenComplete { result in
            let lastAcknowledgement = (try? result.get())?.tcpi_last_ack_recv ?? .max  // milliseconds ago
            let isTaking = (try? result.get())?.tcpi_unacked ?? 0 > 0 || !channel.isWritable
            if !isTaking || Int64(lastAcknowledgement) > Patience.silence.nanoseconds / 1_000_000 {
                channel.close(promise: nil)
            }
        }
    }

    private func conversationEnds(isGoodbye: Bool = false) {
        conversation?.connectionEnded(isGoodbye: isGoodbye)
        conversation = nil
    }

    // MARK: On the event loop: reading

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        rawContext = try? context.pipeline.syncOperations.context(handlerType: WebSocketFrameEncoder.self)
        connectionLoop.add(self)
        gate.enter()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        state = .closed
        connectionLoop.remove(self)
        gate.leave()
        conversationEnds()
        self.context = nil
        rawContext = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastHeard = connectionLoop.coarseNow
        if readTime == nil { readTime = .now() }
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

    func channelReadComplete(context: ChannelHandlerContext) {
        readTime = nil
        context.fireChannelReadComplete()
    }

    /// The time, for measuring; one look at the clock serves all that one read brings.
    var acceptanceTime: NIODeadline { readTime ?? .now() }

    private func perform(_ action: MessageAssembler.Action) {
        switch action {
        case .none, .binary:  // a binary message is a violation where a server receives it
            break
        case .text(let text, bytes: _):
            conversation?.receive(text)
        case .pong(let payload):
            write(ServerFrame.pong(payload))
        case .close(let code, reason: _):
            sayLastWord(ServerFrame.close(code), isGoodbye: code == .normal)
        case .brokenClose(let violation):
            sayLastWord(ServerFrame.close(Goodbye(violation)))
        case .violation(let violation):
            beginClosing(Goodbye(violation))
        }
    }

    /// Answers the peer's goodbye. The channel is closed once that is written; a peer that does not read is given until the
    /// deadline.
    private func sayLastWord(_ frame: ByteBuffer, isGoodbye: Bool = false) {
        let channel = channel
        let written = channel.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
        sayGoodbye(frame, promise: written, isGoodbye: isGoodbye)
    }

    /// Closes because of what cannot be read: nothing behind it can, so no goodbye of the peer either. It is told that we
    /// send no more, and has until the deadline to take what was sent; what it sends meanwhile is dropped.
    private func giveUpReading(_ goodbye: Goodbye) {
        guard case .open = state else { return }
        beginClosing(goodbye)
        rawContext?.close(mode: .output, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: giveUpReading(.tooLarge)
        case is NIOWebSocketError: giveUpReading(.protocolError)
        case is ByteToMessageDecoderError: break  // what comes behind that
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

/// For the classic dialect.
extension Connection {
    func enter(_ room: RoomName, showing notice: MembershipNotice) {
        fanout.enter(room, self, showing: .notice(.membership(notice)))
    }

    func exit(_ room: RoomName) { fanout.exit(room, self) }
}

extension Connection: ClientConnection {
    func end(_ reason: EndReason) {
        switch reason {
        case .nameLost: close(.nameLost)
        case .mustResume: close(.tooSlow)
        }
    }
}
