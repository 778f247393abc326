public import NIOCore
public import NIOWebSocket
public import Wire

/// Checks the rules of RFC 6455 that NIO's decoder lets pass, and puts fragments together: for a server what clients send,
/// for a client what its server sends.
///
/// A pure state machine: one frame in, one action out. The caller performs the action, and after a violation feeds nothing
/// more.
public struct MessageAssembler: Sendable {
    /// Who receives the frames.
    public enum Receiver: Sendable {
        /// Clients mask what they send.
        case server
        /// Servers mask nothing.
        case client
    }

    public enum Action: Equatable, Sendable {
        /// Nothing is to be done: part of a message, or a pong.
        case none
        /// A whole text message, its UTF-8 checked; the same text as it came and decoded, of which the caller takes what it
        /// needs.
        case text(String, bytes: ByteBuffer)
        /// A whole binary message.
        case binary(ByteBuffer)
        /// A ping, to be answered with the same bytes.
        case pong(ByteBuffer)
        /// The peer says goodbye, which is to be answered with the same code. ``CloseCode/noStatus``: it gave none.
        case close(CloseCode, reason: String)
        /// The connection is to be failed (§7.1.7).
        case violation(Violation)
        /// The same where the goodbye itself breaks a rule: the peer will not send another one.
        case brokenClose(Violation)
    }

    /// A rule that the peer has broken.
    public struct Violation: Equatable, Sendable {
        /// What the connection is to be closed with.
        public let code: CloseCode
        /// What happened, for a person: the end of a sentence.
        public let words: String

        public init(_ code: CloseCode, _ words: String) {
            self.code = code
            self.words = words
        }
    }

    private struct Message {
        let isText: Bool
        let isCompressed: Bool
        var bytes = ByteBuffer()
        /// Of a text that is not compressed.
        var check = UTF8Check()
    }

    private let receiver: Receiver
    private let acceptsBinary: Bool
    private let maximumBytes: Int
    /// What has come of a message that is not complete; nil between messages.
    private var begun: Message?

    /// - Parameters:
    ///   - acceptsBinary: whether a binary message is reported when all of it is there; if not, it is a violation.
    ///   - maximumBytes: greatest size of a message, all fragments together and inflated, in bytes.
    public init(for receiver: Receiver, acceptsBinary: Bool, maximumBytes: Int) {
        self.receiver = receiver
        self.acceptsBinary = acceptsBinary
        self.maximumBytes = maximumBytes
    }

    /// The fragments so far; nil between messages.
    var fragments: ByteBuffer? { begun?.bytes }

    /// - Parameter inflater: inflates compressed messages; nil where compression was not agreed on. It is used within the call
    ///   only, and may serve other connections in between.
    public mutating func receive(_ frame: WebSocketFrame, inflater: Inflater? = nil) -> Action {
        let action = check(frame, inflater)
        if case .violation(let violation) = action, frame.opcode == .connectionClose { return .brokenClose(violation) }
        return action
    }

    private mutating func check(_ frame: WebSocketFrame, _ inflater: Inflater?) -> Action {
        switch receiver {
        case .server where frame.maskKey == nil: return Self.broken("a frame that is not masked")  // §5.1
        case .client where frame.maskKey != nil: return Self.broken("masked frame")  // §5.1
        case .server, .client: break
        }
        // §5.2: no other extension was agreed on, and this one marks the first frame of a message (RFC 7692 §6.1).
        let beginsMessage = frame.opcode == .text || frame.opcode == .binary
        guard !frame.rsv2, !frame.rsv3, !frame.rsv1 || (inflater != nil && beginsMessage) else {
            return Self.broken("reserved bits are set")
        }
        switch frame.opcode {
        case .binary where !acceptsBinary: return .violation(Violation(.unsupportedData, "a binary message"))
        case .text, .binary:
            guard begun == nil else { return Self.broken("new message inside of another") }  // §5.4
            let message = Message(isText: frame.opcode == .text, isCompressed: frame.rsv1)
            return add(frame.unmaskedData, to: message, isLast: frame.fin, inflater)
        case .continuation:
            guard let message = begun.take() else { return Self.broken("continuation of nothing") }
            return add(frame.unmaskedData, to: message, isLast: frame.fin, inflater)
        case .ping: return frame.fin ? .pong(frame.unmaskedData) : Self.broken("broken frame")
        case .pong: return frame.fin ? .none : Self.broken("broken frame")
        case .connectionClose: return close(frame.unmaskedData)
        default: return Self.broken("reserved opcode")  // §5.2
        }
    }

    private mutating func add(
        _ data: ByteBuffer, to begun: consuming Message, isLast: Bool, _ inflater: Inflater?
    ) -> Action {
        var message = begun  // the only one to hold the bytes, so that appending does not copy them
        let limit = message.isCompressed ? Inflater.compressedLimit(forInflated: maximumBytes) : maximumBytes
        guard message.bytes.readableBytes + data.readableBytes <= limit else { return Self.tooBig }
        let isWhole = isLast && message.bytes.readableBytes == 0
        if message.isText, !message.isCompressed, !isWhole {
            // Fragments are checked as they come: a peer is told at once that it has broken its text.
            guard data.withUnsafeReadableBytes({ message.check.accept($0) }) else { return Self.noText }
        }
        if message.bytes.readableBytes == 0 { message.bytes = data } else { message.bytes.writeImmutableBuffer(data) }
        guard isLast else {
            self.begun = message
            return .none
        }
        return finish(message, inflater)
    }

    private func finish(_ message: consuming Message, _ inflater: Inflater?) -> Action {
        var bytes = message.bytes
        if message.isCompressed {
            guard let inflater else { return Self.corrupt }
            do throws(Inflater.Failure) {
                bytes = try inflater.inflate(bytes, atMost: maximumBytes)
            } catch {
                switch error {
                case .tooBig: return Self.tooBig
                case .corrupt: return Self.corrupt
                }
            }
        }
        guard message.isText else { return .binary(bytes) }
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else { return Self.noText }
        return .text(text, bytes: bytes)
    }

    /// §5.5.1: nothing, or a code and a reason.
    private func close(_ data: ByteBuffer) -> Action {
        var data = data
        guard data.readableBytes > 0 else { return .close(.noStatus, reason: "") }
        guard let code = data.readInteger(as: UInt16.self).map(CloseCode.init(rawValue:)), code.mayBeSent else {
            return Self.broken("bad close code")
        }
        guard let reason = String(validating: data.readableBytesView, as: UTF8.self) else {
            return .violation(Violation(.invalidText, "close reason that is no UTF-8"))
        }
        return .close(code, reason: reason)
    }

    private static let tooBig = Action.violation(Violation(.tooBig, "message too big"))
    private static let noText = Action.violation(Violation(.invalidText, "text that is no UTF-8"))  // §8.1
    private static let corrupt = Action.violation(Violation(.invalidText, "compressed data that cannot be inflated"))

    private static func broken(_ words: String) -> Action { .violation(Violation(.protocolError, words)) }
}
