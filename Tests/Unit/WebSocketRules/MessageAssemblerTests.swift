import NIOCore
import NIOWebSocket
import Testing
import Wire

@testable import WebSocketRules

/// An action, with the code of a violation and without its words.
private enum Outcome: Equatable {
    case none
    case text(String)
    case binary
    case pong(ByteBuffer)
    case close(CloseCode)
    case violation(CloseCode)
    case brokenClose(CloseCode)
}

extension MessageAssembler {
    fileprivate mutating func outcome(of frame: WebSocketFrame) -> Outcome {
        switch receive(frame) {
        case .none: return .none
        case .text(let text, let bytes):
            #expect(String(buffer: bytes) == text)
            return .text(text)
        case .binary: return .binary
        case .pong(let bytes): return .pong(bytes)
        case .close(let code, reason: _): return .close(code)
        case .violation(let violation): return .violation(violation.code)
        case .brokenClose(let violation): return .brokenClose(violation.code)
        }
    }
}

struct MessageAssemblerTests {
    private static let key: WebSocketMaskingKey = [0x37, 0xFA, 0x21, 0x3D]
    private var assembler = MessageAssembler(for: .server, acceptsBinary: false, maximumBytes: 16)

    /// A frame as a client sends it: masked.
    private static func frame(_ opcode: WebSocketOpcode, _ bytes: [UInt8] = [], fin: Bool = true) -> WebSocketFrame {
        var data = ByteBuffer(bytes: bytes)
        data.webSocketMask(key)
        return WebSocketFrame(fin: fin, opcode: opcode, maskKey: key, data: data)
    }

    private static func frame(_ opcode: WebSocketOpcode, _ text: String, fin: Bool = true) -> WebSocketFrame {
        frame(opcode, Array(text.utf8), fin: fin)
    }

    @Test(arguments: ["", "hi", "日本語😀", "\0\u{FEFF}", String(repeating: "x", count: 16)])
    mutating func `a whole message is its text`(text: String) {
        #expect(assembler.outcome(of: Self.frame(.text, text)) == .text(text))
        #expect(assembler.outcome(of: Self.frame(.text, text)) == .text(text))
    }

    @Test mutating func `fragments become one message`() {
        #expect(assembler.outcome(of: Self.frame(.text, "one ", fin: false)) == .none)
        #expect(assembler.outcome(of: Self.frame(.continuation, "two ", fin: false)) == .none)
        #expect(assembler.outcome(of: Self.frame(.continuation, "", fin: false)) == .none)
        #expect(assembler.outcome(of: Self.frame(.continuation, "three")) == .text("one two three"))
        #expect(assembler.outcome(of: Self.frame(.text, "four")) == .text("four"))
    }

    @Test mutating func `a message may begin and end with empty fragments`() {
        #expect(assembler.outcome(of: Self.frame(.text, "", fin: false)) == .none)
        #expect(assembler.outcome(of: Self.frame(.continuation, "x", fin: false)) == .none)
        #expect(assembler.outcome(of: Self.frame(.continuation, "")) == .text("x"))
        #expect(assembler.outcome(of: Self.frame(.text, "", fin: false)) == .none)
        #expect(assembler.outcome(of: Self.frame(.continuation, "")) == .text(""))
    }

    @Test mutating func `a character may be cut in two`() {
        for bytes in [Array("é".utf8), Array("語".utf8), Array("😀".utf8)] {
            for cut in 1..<bytes.count {
                #expect(assembler.outcome(of: Self.frame(.text, Array(bytes[..<cut]), fin: false)) == .none)
                let whole = String(decoding: bytes, as: UTF8.self)
                #expect(assembler.outcome(of: Self.frame(.continuation, Array(bytes[cut...]))) == .text(whole))
            }
        }
    }

    @Test mutating func `control frames may come between fragments`() {
        #expect(assembler.outcome(of: Self.frame(.text, "a", fin: false)) == .none)
        #expect(assembler.outcome(of: Self.frame(.ping, "p")) == .pong(ByteBuffer(string: "p")))
        #expect(assembler.outcome(of: Self.frame(.pong, "q")) == .none)
        #expect(assembler.outcome(of: Self.frame(.continuation, "b")) == .text("ab"))
        #expect(assembler.outcome(of: Self.frame(.text, "a", fin: false)) == .none)
        #expect(assembler.outcome(of: Self.frame(.connectionClose, [0x03, 0xE8])) == .close(CloseCode(rawValue: 1000)))
    }

    @Test mutating func `a ping is answered with what it holds`() {
        #expect(assembler.outcome(of: Self.frame(.ping)) == .pong(ByteBuffer()))
        let bytes = (0..<125).map { UInt8($0) }
        #expect(assembler.outcome(of: Self.frame(.ping, bytes)) == .pong(ByteBuffer(bytes: bytes)))
    }

    /// A goodbye is one also where it breaks a rule.
    private static func breach(in opcode: WebSocketOpcode) -> Outcome {
        opcode == .connectionClose ? .brokenClose(.protocolError) : .violation(.protocolError)
    }

    @Test(
        arguments: [
            WebSocketOpcode.text, .binary, .continuation, .ping, .pong, .connectionClose,
        ])
    mutating func `a frame that is not masked is a breach`(opcode: WebSocketOpcode) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, data: ByteBuffer())
        #expect(assembler.outcome(of: frame) == Self.breach(in: opcode))
    }

    @Test(arguments: [WebSocketOpcode.text, .ping, .connectionClose], [1, 2, 3])
    mutating func `a reserved bit is a breach`(opcode: WebSocketOpcode, bit: Int) {
        let frame = WebSocketFrame(
            fin: true, rsv1: bit == 1, rsv2: bit == 2, rsv3: bit == 3, opcode: opcode, maskKey: Self.key,
            data: ByteBuffer())
        #expect(assembler.outcome(of: frame) == Self.breach(in: opcode))
    }

    @Test(arguments: [0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF] as [UInt8])
    mutating func `a reserved opcode is a breach`(number: UInt8) throws {
        let opcode = try #require(WebSocketOpcode(encodedWebSocketOpcode: number))
        #expect(assembler.outcome(of: Self.frame(opcode)) == .violation(.protocolError))
    }

    @Test mutating func `a message in binary is not understood`() {
        #expect(assembler.outcome(of: Self.frame(.binary, "hi")) == .violation(.unsupportedData))
        #expect(assembler.outcome(of: Self.frame(.binary, "hi", fin: false)) == .violation(.unsupportedData))
    }

    @Test mutating func `a continuation of nothing is a breach`() {
        #expect(assembler.outcome(of: Self.frame(.continuation, "x")) == .violation(.protocolError))
        #expect(assembler.outcome(of: Self.frame(.text, "x")) == .text("x"))
        #expect(assembler.outcome(of: Self.frame(.continuation, "x")) == .violation(.protocolError))
    }

    @Test mutating func `a message inside another is a breach`() {
        #expect(assembler.outcome(of: Self.frame(.text, "x", fin: false)) == .none)
        #expect(assembler.outcome(of: Self.frame(.text, "y")) == .violation(.protocolError))
    }

    @Test(arguments: [WebSocketOpcode.ping, .pong])
    mutating func `a control frame in fragments is a breach`(opcode: WebSocketOpcode) {
        #expect(assembler.outcome(of: Self.frame(opcode, "x", fin: false)) == .violation(.protocolError))
    }

    @Test(
        arguments: [
            [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x61, 0x80], [0xE8, 0xAA],
        ] as [[UInt8]])
    mutating func `invalid UTF-8 is refused, in one frame or in two`(bytes: [UInt8]) {
        #expect(assembler.outcome(of: Self.frame(.text, bytes)) == .violation(.invalidText))
        // At the end at the latest, and with the fragment that spoils the text.
        let isSpoilt = [0xC0, 0xFF].contains(bytes[0])
        let first = assembler.outcome(of: Self.frame(.text, [bytes[0]], fin: false))
        #expect(first == (isSpoilt ? .violation(.invalidText) : .none))
        guard !isSpoilt else { return }
        let rest = Array(bytes.dropFirst())
        #expect(assembler.outcome(of: Self.frame(.continuation, rest)) == .violation(.invalidText))
    }

    @Test mutating func `a message too large is refused as soon as that is known`() {
        #expect(assembler.outcome(of: Self.frame(.text, String(repeating: "x", count: 17))) == .violation(.tooBig))
        #expect(assembler.outcome(of: Self.frame(.text, String(repeating: "x", count: 10), fin: false)) == .none)
        #expect(assembler.outcome(of: Self.frame(.continuation, "1234567", fin: false)) == .violation(.tooBig))
    }

    @Test func `fragments are put together in place, not copied for each one`() {
        var assembler = MessageAssembler(for: .server, acceptsBinary: false, maximumBytes: 60_000)
        #expect(assembler.outcome(of: Self.frame(.text, "x", fin: false)) == .none)
        var places = 0
        var place: UnsafeRawPointer?
        for _ in 1..<60_000 {
            #expect(assembler.outcome(of: Self.frame(.continuation, "x", fin: false)) == .none)
            let now = assembler.fragments?.withUnsafeReadableBytes { $0.baseAddress }
            if now != place { places += 1 }
            place = now
        }
        // It moves when it has outgrown its place, which doubles each time.
        #expect(places < 32)
        let whole = String(repeating: "x", count: 60_000)
        #expect(assembler.outcome(of: Self.frame(.continuation, "")) == .text(whole))
    }

    @Test mutating func `fragments that fill the bound exactly are a message`() {
        #expect(assembler.outcome(of: Self.frame(.text, String(repeating: "x", count: 10), fin: false)) == .none)
        #expect(assembler.outcome(of: Self.frame(.continuation, "123456")) == .text("xxxxxxxxxx123456"))
    }

    @Test(
        arguments: [
            ([], .close(.noStatus)), ([0x03, 0xE8], .close(CloseCode(rawValue: 1000))),
            ([0x03, 0xE9], .close(CloseCode(rawValue: 1001))),
            ([0x03, 0xEB], .close(CloseCode(rawValue: 1003))),
            ([0x03, 0xEF], .close(CloseCode(rawValue: 1007))), ([0x03, 0xF6], .close(CloseCode(rawValue: 1014))),
            ([0x0B, 0xB8], .close(CloseCode(rawValue: 3000))),
            ([0x13, 0x87], .close(CloseCode(rawValue: 4999))),
            ([0x03, 0xE8] + Array("bye 日".utf8), .close(CloseCode(rawValue: 1000))),
            ([0x03], .brokenClose(.protocolError)), ([0x00, 0x00], .brokenClose(.protocolError)),
            ([0x03, 0xE7], .brokenClose(.protocolError)), ([0x03, 0xEC], .brokenClose(.protocolError)),
            ([0x03, 0xED], .brokenClose(.protocolError)), ([0x03, 0xEE], .brokenClose(.protocolError)),
            ([0x03, 0xF7], .brokenClose(.protocolError)), ([0x0B, 0xB7], .brokenClose(.protocolError)),
            ([0x13, 0x88], .brokenClose(.protocolError)), ([0xFF, 0xFF], .brokenClose(.protocolError)),
            ([0x03, 0xE8, 0xFF], .brokenClose(.invalidText)), ([0x03, 0xE8, 0xE6, 0x97], .brokenClose(.invalidText)),
        ] as [([UInt8], Outcome)])
    fileprivate mutating func `a goodbye has a code that may be sent, or none`(bytes: [UInt8], action: Outcome) {
        #expect(assembler.outcome(of: Self.frame(.connectionClose, bytes)) == action)
    }
}
