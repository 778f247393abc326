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
        /// Clients mask what they send; a binary message is a violation.
        case server
        /// Servers mask nothing; a binary message is reported when all of it is there.
        case client
    }

    public enum Action: Equatable, Sendable {
        /// Nothing is to be done: part of a message, or a pong.
        case none
        /// A whole text message, its UTF-8 checked; the same text as it came and decoded, of which the caller takes what it
        /// needs.
        case text(String, bytes: ByteBuffer)
        /// A whole binary message. What it holds nobody here understands.
        case binary
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
        var bytes: ByteBuffer
    }

    private let receiver: Receiver
    private let maximumBytes: Int
    /// What has come of a message that is not complete; nil between messages.
    private var begun: Message?

    /// - Parameter maximumBytes: greatest size of a message, all fragments together, in bytes.
    public init(for receiver: Receiver, maximumBytes: Int) {
        self.receiver = receiver
        self.maximumBytes = maximumBytes
    }

    /// The fragments so far; nil between messages.
    var fragments: ByteBuffer? { begun?.bytes }

    public mutating func receive(_ frame: WebSocketFrame) -> Action {
        let action = check(frame)
        if case .violation(let violation) = action, frame.opcode == .connectionClose { return .brokenClose(violation) }
        return action
    }

    private mutating func check(_ frame: WebSocketFrame) -> Action {
        switch receiver {
        case .server where frame.maskKey == nil: return Self.broken("a frame that is not masked")  // §5.1
        case .client where frame.maskKey != nil: return Self.broken("masked frame")  // §5.1
        case .server, .client: break
        }
        // §5.2: no extension was agreed on.
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return Self.broken("reserved bits are set") }
        switch frame.opcode {
        case .binary where receiver == .server: return .violation(Violation(.unsupportedData, "a binary message"))
        case .text, .binary:
            guard begun == nil else { return Self.broken("new message inside of another") }  // §5.4
            return add(
                frame.unmaskedData, to: Message(isText: frame.opcode == .text, bytes: ByteBuffer()), isLast: frame.fin)
        case .continuation:
            guard let message = begun.take() else { return Self.broken("continuation of nothing") }
            return add(frame.unmaskedData, to: message, isLast: frame.fin)
        case .ping: return frame.fin ? .pong(frame.unmaskedData) : Self.broken("broken frame")
        case .pong: return frame.fin ? .none : Self.broken("broken frame")
        case .connectionClose: return close(frame.unmaskedData)
        default: return Self.broken("reserved opcode")  // §5.2
        }
    }

    private mutating func add(_ data: ByteBuffer, to begun: consuming Message, isLast: Bool) -> Action {
        var message = begun  // the only one to hold the bytes, so that appending does not copy them
        guard message.bytes.readableBytes + data.readableBytes <= maximumBytes else {
            return .violation(Violation(.tooBig, "message too big"))
        }
        if message.bytes.readableBytes == 0 { message.bytes = data } else { message.bytes.writeImmutableBuffer(data) }
        guard isLast else {
            self.begun = message
            return .none
        }
        guard message.isText else { return .binary }
        guard let text = String(validating: message.bytes.readableBytesView, as: UTF8.self) else {
            return .violation(Violation(.invalidText, "text that is no UTF-8"))  // §8.1
        }
        return .text(text, bytes: message.bytes)
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

    private static func broken(_ words: String) -> Action { .violation(Violation(.protocolError, words)) }
}
