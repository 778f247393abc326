import NIOCore
import Transport
import Wire

@testable import ChatClient

extension FuzzTarget {
    /// A conversation with a server that says anything. Each line of the input is one event of the client: a frame, or what
    /// its first byte says.
    static let client = FuzzTarget("client", maximumBytes: 8192) { input in
        var lines = input.split(separator: UInt8(ascii: "\n"), maxSplits: 200, omittingEmptySubsequences: false)[...]
        let options = lines.popFirst()?.first ?? 0
        var state = ClientState(
            ClientConfiguration(
                address: ServerAddress(host: "h", port: 1), username: "al", isInteractive: options & 1 == 0,
                inputCanWait: options & 2 == 0, hasWindows: options & 4 == 0),
            random: { 0.5 }, makeID: { "id" })
        var now = Duration.zero
        _ = state.handle(.started, at: now)
        _ = state.handle(.connection(state.attempt, .opened(subprotocol: options & 8 == 0 ? "chat.v2" : nil)), at: now)
        for line in lines {
            let event = ClientEvent(line, in: state)
            if event == .tick { now = max(now, state.nextDeadline ?? now) }
            let effects = state.handle(event, at: now)
            // A frame may name many users or messages, each in a few bytes; what waits to be sent may go out with it.
            try require(effects.count <= 1000 + line.count, "\(effects.count) effects of \(line.count) bytes")
        }
    }

    /// Strangers' words on a terminal.
    static let text = FuzzTarget("text", maximumBytes: 1024) { input in
        let text = String(decoding: input, as: UTF8.self)
        for safe in [SafeText.prose, SafeText.name] {
            let once = safe(text)
            for scalar in once.unicodeScalars {
                try require(!isDangerous(scalar), "U+\(String(scalar.value, radix: 16)) reaches the terminal")
            }
            try requireSame(safe(once), once, "what is safe is left alone")
            try require(once.utf8.count <= 4 * text.utf8.count, "the text has grown")
        }
    }

    /// What a terminal obeys, and what changes the direction of the text beside it.
    private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

extension ClientEvent {
    /// - Parameter line: `!` and the end of a connection, `>` and what the user types, `~` for time that passes, `=` for an
    ///   answered attempt, `#` for what was sent; anything else is a frame.
    fileprivate init(_ line: ArraySlice<UInt8>, in state: ClientState) {
        let rest = line.dropFirst()
        let text = String(decoding: rest, as: UTF8.self)
        switch line.first {
        case UInt8(ascii: "!"):
            let code = CloseCode(rawValue: UInt16(text.prefix(5)) ?? 1006)
            self = .connection(state.attempt, .ended(.closed(code, reason: text)))
        case UInt8(ascii: ">"): self = .line(text)
        case UInt8(ascii: "~"): self = .tick
        case UInt8(ascii: "="): self = .connection(state.attempt, .opened(subprotocol: text.isEmpty ? nil : text))
        case UInt8(ascii: "#"): self = .connection(state.attempt, .sent(Int(text) ?? 0))
        default: self = .connection(state.attempt, .received(ByteBuffer(bytes: line)))
        }
    }
}
