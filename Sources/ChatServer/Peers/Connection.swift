import CoreMetrics
import Domain
import Foundation
import NIOCore
import Service
import Wire

/// One client's connection, whatever its transport: what is written to it, keep-alive, backpressure, closing.
///
/// The handler of its transport (``WebSocketHandler``) brings what the client says, which is its ``Conversation``'s business,
/// and makes the frames of the transport itself: ``PeerFraming``.
///
/// Sendable because everything mutable is touched on the event loop only; what may be called from elsewhere leaves its
/// work in the loop's mailbox, which keeps it in order.
final class Connection: @unchecked Sendable {
    /// What all connections of an instance share. Held by every connection: a reference, not five.
    final class Settings: Sendable {
        let fanout: Fanout
        let gate: Gate
        /// Unsent output past which a reader is too slow, in bytes.
        let sendBufferBytes: Int
        let metrics: EdgeMetrics

        init(fanout: Fanout, gate: Gate, sendBufferBytes: Int, metrics: EdgeMetrics) {
            self.fanout = fanout
            self.gate = gate
            self.sendBufferBytes = sendBufferBytes
            self.metrics = metrics
        }

        /// Past which a reader is too slow even for its answers: what one tick writes and a page come on top.
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

    enum State {
        case open
        /// Our goodbye is on its way. The channel is closed when the peer closes, or at that time.
        case closing(until: NIODeadline)
        case closed
    }

    let connectionLoop: ConnectionLoop
    /// The name of the dialect that its client speaks.
    let dialect: String
    /// How events are shown to it.
    let encoding: Encoding
    /// Whether its channel encrypts, so that nothing is sent past it.
    let isEncrypted: Bool
    /// Set as soon as the connection is in its pipeline, and let go when it is closed.
    var conversation: (any Conversation)?
    /// Marks this connection while its loop writes a batch that holds messages of its own.
    var isSenderInBatch = false
    private(set) var state = State.open
    /// Whether its client has been told that it is in, so that it can be told what everybody is told.
    private(set) var isGreeted = false

    /// The address of the client, where it is known that this is not the other end of the socket.
    private let address: IPAddress?
    private var place: AddressPlace?
    private let channel: any Channel
    private let framing: any PeerFraming.Type
    private let settings: Settings
    /// Makes the frames of messages; nil where compression was not agreed on.
    private let compressor: FrameCompressor?
    /// Where finished frames enter the pipeline.
    private var outlet: ChannelHandlerContext?
    private var output: DirectOutput
    /// Answers that are written at the end of the tick; where the channel encrypts, all that the tick writes.
    private var gathered = ByteBuffer()
    /// Why nothing more is read from the socket; read on while empty.
    private var pauses: ReadingPause = []
    private var isReadHeldBack = false
    /// When the read began whose frames are being worked on; nil between two reads.
    private var readTime: NIODeadline?
    private var lastHeard: NIODeadline
    private var lastPing: NIODeadline

    init(
        channel: any Channel, connectionLoop: ConnectionLoop, dialect: String, encoding: Encoding,
        framing: any PeerFraming.Type, settings: Settings, compressor: FrameCompressor? = nil,
        admission: Admission? = nil
    ) {
        address = admission?.client
        place = admission?.place
        self.channel = channel
        self.connectionLoop = connectionLoop
        self.dialect = dialect
        self.encoding = encoding
        self.framing = framing
        self.settings = settings
        self.compressor = compressor
        isEncrypted = PlainTransport.isEncrypted(channel)
        output = DirectOutput(PlainTransport(of: channel))
        lastHeard = .now()
        lastPing = lastHeard
    }

    // MARK: From any thread

    /// Whether the client has agreed on compression; then it may compress what it sends, too.
    var compressesMessages: Bool { compressor != nil }

    /// The frame of a text message to this client.
    func textFrame(_ text: [UInt8]) -> ByteBuffer { text.withUnsafeBytes { frame(.text, $0) } }

    func frame(_ kind: ServerFrame.Kind, _ message: UnsafeRawBufferPointer) -> ByteBuffer {
        compressor?.frame(kind, message) ?? ServerFrame.message(kind, message)
    }

    /// Tells this client something in a finished frame, after everything it was told before.
    func send(_ frame: ByteBuffer) { connectionLoop.post(.write(frame, self)) }

    /// The client has been told that it is in. What everybody is told from now on it is told, too.
    func greeted() { connectionLoop.post(.perform { [self] in isGreeted = true }) }

    /// Says goodbye, after everything it was told before.
    func close(_ goodbye: Goodbye) {
        connectionLoop.post(.close(goodbye, self))
    }

    // MARK: On the event loop: writing

    /// Writes finished frames. What a connection that is closing was still to be told is dropped.
    func write(_ frames: ByteBuffer) {
        if gathered.readableBytes > 0 {
            if joinsWrites { return gather(frames) }
            writeGathered()
        }
        guard case .open = state, let rest = output.send(frames) else { return }
        if joinsWrites { gather(rest) } else { writeToChannel(rest) }
    }

    /// Whether all that a tick writes leaves together: where the channel encrypts. There each write makes a record of its
    /// own, with some 22 bytes more, an encryption and a system call.
    private var joinsWrites: Bool { isEncrypted && connectionLoop.isWriting }

    private func gather(_ frames: ByteBuffer) {
        var frames = frames
        if gathered.readableBytes == 0 {
            connectionLoop.gatherers.append(self)
            gathered = frames  // shared with other readers as long as nothing joins it
        } else {
            gathered.writeBuffer(&frames)
        }
    }

    private func writeToChannel(_ rest: ByteBuffer) {
        outlet?.writeAndFlush(NIOAny(rest), promise: nil)
        // Writable is one load of a flag; the bytes are counted only past the channel's high water mark of 64 KiB.
        guard !channel.isWritable, unsentBytes > settings.sendBufferBytes else { return }
        if unsentBytes <= settings.hardBytes, let logReader { return logReader.fallBehind() }
        settings.metrics.connectionsClosedSlow.increment()
        beginClosing(.tooSlow)
    }

    /// Writes an answer; many at once where many are given in a tick, as the acknowledgements of a busy sender are.
    func writeAnswer(_ frame: ByteBuffer) {
        if connectionLoop.isGathering { gather(frame) } else { write(frame) }
    }

    func writeGathered() {
        guard gathered.readableBytes > 0 else { return }
        let frames = gathered
        gathered = ByteBuffer()
        guard case .open = state, let rest = output.send(frames) else { return }
        writeToChannel(rest)
    }

    /// What is read at a time for a client that is behind: a page must fit into what may be unsent.
    var pageLimit: PageLimit {
        let limit = TopicEngine.pageLimit
        return PageLimit(entries: limit.entries, bytes: min(limit.bytes, settings.sendBufferBytes / 2))
    }

    /// Whether the socket takes more, within the channel's low water mark of 32 KiB and its high one of 64 KiB.
    var isWritable: Bool { channel.isWritable }

    private var unsentBytes: Int { (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }

    /// Tells the client to come back after `delay`, and says goodbye then.
    func sendAway(after delay: TimeAmount, because reason: String) {
        if let frame = logReader?.reconnectFrame(after: delay, because: reason) { write(frame) }
        channel.eventLoop.scheduleTask(in: delay) { [self] in beginClosing(.draining) }
    }

    /// Sends a close frame, behind everything that is still to be sent, and waits for the peer's.
    func beginClosing(_ goodbye: Goodbye) {
        sayGoodbye(framing.close(goodbye), promise: nil)
    }

    /// The one way out of the open state that says something: nothing is written after this frame.
    private func sayGoodbye(_ frame: ByteBuffer, promise: EventLoopPromise<Void>?, isGoodbye: Bool = false) {
        writeGathered()
        guard case .open = state else { return }
        state = .closing(until: .now() + Patience.goodbye)
        outlet?.writeAndFlush(NIOAny(frame), promise: promise)
        conversationEnds(isGoodbye: isGoodbye)
    }

    /// Called by the loop's sweep, each second.
    func keepAlive(now: NIODeadline) {
        switch state {
        case .open where now - lastHeard > Patience.silence:
            closeUnlessSlow(silence: now - lastHeard)
        case .open where now - lastPing >= Patience.pingInterval:
            lastPing = now
            write(framing.ping())
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

    /// The conversation, where its client reads the log. The look-up is too dear for what is done per recipient.
    var logReader: (any LogReadingConversation)? { conversation as? any LogReadingConversation }

    private func conversationEnds(isGoodbye: Bool = false) {
        conversation?.connectionEnded(isGoodbye: isGoodbye)
        conversation = nil
    }

    // MARK: On the event loop: for the transport's handler

    /// The handler is in the pipeline.
    ///
    /// - Parameter outlet: where finished frames enter the pipeline.
    func opened(_ outlet: ChannelHandlerContext?) {
        self.outlet = outlet
        connectionLoop.add(self)
        settings.gate.enter()
    }

    /// The handler is out of the pipeline.
    func closed() {
        state = .closed
        connectionLoop.remove(self)
        settings.gate.leave()
        place?.giveBack()
        place = nil
        conversationEnds()
        outlet = nil
    }

    /// A frame has come in.
    func heard() {
        lastHeard = connectionLoop.coarseNow
        if readTime == nil { readTime = .now() }
    }

    /// All that one read has brought was handed in.
    func readCompleted() { readTime = nil }

    /// The time, for measuring; one look at the clock serves all that one read brings.
    var acceptanceTime: NIODeadline { readTime ?? .now() }

    /// The socket takes more again.
    func canWriteAgain() { conversation?.canWriteAgain() }

    /// Answers the peer's goodbye. The channel is closed once that is written; a peer that does not read is given until the
    /// deadline.
    func sayLastWord(_ frame: ByteBuffer, isGoodbye: Bool) {
        let channel = channel
        let written = channel.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
        sayGoodbye(frame, promise: written, isGoodbye: isGoodbye)
    }

    /// Closes because of what cannot be read: nothing behind it can, so no goodbye of the peer either. It is told that we
    /// send no more, and has until the deadline to take what was sent; what it sends meanwhile is dropped.
    func giveUpReading(_ goodbye: Goodbye) {
        guard case .open = state else { return }
        beginClosing(goodbye)
        outlet?.close(mode: .output, promise: nil)
    }

    /// The client has broken a rule of its transport.
    func countViolation() { settings.metrics.refused(.webSocket) }

    // MARK: On the event loop: backpressure

    /// Reads nothing more from the socket while any reason is there.
    func pauseReading(_ reason: ReadingPause, if isPaused: Bool) {
        if isPaused { pauses.insert(reason) } else { pauses.remove(reason) }
        guard !isReadingPaused, isReadHeldBack else { return }
        isReadHeldBack = false
        outlet?.read()
    }

    var isReadingPaused: Bool { !pauses.isEmpty }

    /// Whether the socket may be read now; if not, it will be as soon as it may.
    func mayRead() -> Bool {
        isReadHeldBack = isReadingPaused
        return !isReadingPaused
    }
}

/// The frames of a transport that are the same in every dialect.
protocol PeerFraming {
    static func ping() -> ByteBuffer
    static func close(_ goodbye: Goodbye) -> ByteBuffer
}

/// Why nothing more is read from a client.
struct ReadingPause: OptionSet {
    let rawValue: UInt8

    /// Commands wait for one that takes its time.
    static let commandsWait = ReadingPause(rawValue: 1)
    /// It waits for an answer to much already.
    static let unanswered = ReadingPause(rawValue: 2)
}

/// For readers without history.
extension Connection {
    func enter(_ room: RoomName, showing notice: MembershipNotice) {
        settings.fanout.enter(room, self, showing: .notice(.membership(notice)))
    }

    func exit(_ room: RoomName) { settings.fanout.exit(room, self) }
}

extension Connection: ClientConnection {
    func end(_ reason: EndReason) {
        switch reason {
        case .nameLost: close(.nameLost)
        case .mustResume: close(.tooSlow)
        case .tokenRevoked: close(.tokenRevoked)
        case .disconnected(let reason): close(.kicked(because: reason))
        }
    }

    var client: ClientDescription {
        ClientDescription(address: address?.description ?? channel.remoteAddress?.ipAddress, dialect: dialect)
    }
}
