import NIOCore
import NIOWebSocket

/// Checks the rules of RFC 6455 that NIO's decoder lets pass, and puts fragments together.
///
/// A pure state machine: one frame in, one action out. The caller performs the action, and after a violation feeds nothing
/// more.
struct MessageAssembler {
    enum Action: Equatable {
        case none
        /// A whole text message, its UTF-8 checked.
        case text(String)
        case pong(ByteBuffer)
        /// The peer says goodbye; the code to answer with, nil where it gave none.
        case close(UInt16?)
        case violation(CloseCode)
        /// The peer's goodbye breaks a rule itself. It will not send another one.
        case brokenClose(CloseCode)
    }

    /// Greatest size of a message, all fragments together, in bytes.
    private let maximumBytes: Int
    /// The fragments so far; nil between messages.
    private(set) var fragments: ByteBuffer?

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    mutating func receive(_ frame: WebSocketFrame) -> Action {
        let action = check(frame)
        if case .violation(let code) = action, frame.opcode == .connectionClose { return .brokenClose(code) }
        return action
    }

    private mutating func check(_ frame: WebSocketFrame) -> Action {
        guard frame.maskKey != nil else {
            return .violation(.protocolError)  // §5.1: a client masks every frame
        }
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            return .violation(.protocolError)  // §5.2: no extension was agreed on
        }
        switch frame.opcode {
        case .text:
            guard fragments == nil else { return .violation(.protocolError) }  // §5.4: no message inside another
            return append(frame.unmaskedData, to: ByteBuffer(), isFinal: frame.fin)
        case .continuation:
            guard let begun = fragments.take() else { return .violation(.protocolError) }
            return append(frame.unmaskedData, to: begun, isFinal: frame.fin)
        case .binary: return .violation(.notText)
        case .ping: return frame.fin ? .pong(frame.unmaskedData) : .violation(.protocolError)
        case .pong: return frame.fin ? .none : .violation(.protocolError)
        case .connectionClose: return close(frame.unmaskedData)
        default: return .violation(.protocolError)  // §5.2: reserved opcodes
        }
    }

    private mutating func append(_ data: ByteBuffer, to begun: consuming ByteBuffer, isFinal: Bool) -> Action {
        var whole = begun  // the only one to hold the bytes, so that appending does not copy them
        guard whole.readableBytes + data.readableBytes <= maximumBytes else { return .violation(.tooLarge) }
        if whole.readableBytes == 0 { whole = data } else { whole.writeImmutableBuffer(data) }
        guard isFinal else {
            fragments = whole
            return .none
        }
        guard let text = String(validating: whole.readableBytesView, as: UTF8.self) else {
            return .violation(.invalidUTF8)
        }
        return .text(text)
    }

    /// §5.5.1: nothing, or a code and a reason.
    private func close(_ data: ByteBuffer) -> Action {
        var data = data
        guard data.readableBytes > 0 else { return .close(nil) }
        guard let code = data.readInteger(as: UInt16.self), Self.mayBeSent(code) else {
            return .violation(.protocolError)
        }
        guard String(validating: data.readableBytesView, as: UTF8.self) != nil else {
            return .violation(.invalidUTF8)
        }
        return .close(code)
    }

    /// §7.4: registered codes that stand on the wire, and the ranges for libraries and applications.
    private static func mayBeSent(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
