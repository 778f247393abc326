import NIOCore
import NIOWebSocket
import Testing
import WebSocketRules
import Wire

struct CompressedMessageTests {
    private static let key: WebSocketMaskingKey = [1, 2, 3, 4]
    /// “Hello”, compressed.
    private static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]

    private var assembler = MessageAssembler(for: .server, acceptsBinary: true, maximumBytes: 16)
    private let inflater = Inflater()

    private static func frame(
        _ opcode: WebSocketOpcode, _ bytes: [UInt8], rsv1: Bool = true, fin: Bool = true
    ) -> WebSocketFrame {
        var data = ByteBuffer(bytes: bytes)
        data.webSocketMask(key)
        return WebSocketFrame(fin: fin, rsv1: rsv1, opcode: opcode, maskKey: key, data: data)
    }

    private mutating func receive(
        _ opcode: WebSocketOpcode, _ bytes: [UInt8], rsv1: Bool = true, fin: Bool = true
    ) -> MessageAssembler.Action {
        assembler.receive(Self.frame(opcode, bytes, rsv1: rsv1, fin: fin), inflater: inflater)
    }

    private static func code(_ action: MessageAssembler.Action) -> CloseCode? {
        switch action {
        case .violation(let violation), .brokenClose(let violation): violation.code
        default: nil
        }
    }

    @Test mutating func `a compressed message is inflated, text or not`() {
        #expect(receive(.text, Self.hello) == .text("Hello", bytes: ByteBuffer(string: "Hello")))
        #expect(receive(.binary, Self.hello) == .binary(ByteBuffer(string: "Hello")))
        #expect(receive(.text, [0]) == .text("", bytes: ByteBuffer()))
    }

    @Test mutating func `messages may be plain all the same`() {
        #expect(receive(.text, Array("hi".utf8), rsv1: false) == .text("hi", bytes: ByteBuffer(string: "hi")))
        #expect(receive(.text, Self.hello) == .text("Hello", bytes: ByteBuffer(string: "Hello")))
    }

    @Test mutating func `a compressed message may come in fragments, of which only the first is marked`() {
        for cut in 0...Self.hello.count {
            #expect(receive(.text, Array(Self.hello[..<cut]), fin: false) == .none)
            #expect(receive(.ping, [], rsv1: false) == .pong(ByteBuffer()))
            let rest = Array(Self.hello[cut...])
            #expect(
                receive(.continuation, rest, rsv1: false) == .text("Hello", bytes: ByteBuffer(string: "Hello")))
        }
    }

    @Test(
        arguments: [
            (.continuation, true), (.ping, true), (.pong, true), (.connectionClose, true),
        ] as [(WebSocketOpcode, Bool)])
    mutating func `no other frame is marked`(opcode: WebSocketOpcode, fin: Bool) {
        #expect(receive(.text, [], fin: false) == .none)
        #expect(Self.code(receive(opcode, [], fin: fin)) == .protocolError)
    }

    @Test mutating func `without an agreement no frame is marked`() {
        #expect(Self.code(assembler.receive(Self.frame(.text, Self.hello))) == .protocolError)
    }

    @Test mutating func `the other reserved bits stay reserved`() {
        let data = ByteBuffer(bytes: Self.hello)
        for (rsv2, rsv3) in [(true, false), (false, true)] {
            let frame = WebSocketFrame(
                fin: true, rsv1: true, rsv2: rsv2, rsv3: rsv3, opcode: .text, maskKey: Self.key, data: data)
            #expect(Self.code(assembler.receive(frame, inflater: inflater)) == .protocolError)
        }
    }

    @Test mutating func `the limit is that of the inflated message`() {
        let deflater = Deflater(.full)
        for (count, fits) in [(16, true), (17, false), (1 << 20, false)] {
            let bytes = [UInt8](repeating: 0x61, count: count)
            guard let compressed = bytes.withUnsafeBytes({ deflater.deflate($0) }) else {
                Issue.record("\(count) equal bytes were not compressed")
                continue
            }
            let action = receive(.text, Array(compressed.readableBytesView))
            #expect(Self.code(action) == (fits ? nil : .tooBig))
        }
    }

    @Test mutating func `fragments that never end are bounded`() {
        let limit = Inflater.compressedLimit(forInflated: 16)
        #expect(receive(.text, [UInt8](repeating: 0, count: limit), fin: false) == .none)
        #expect(Self.code(receive(.continuation, [0], rsv1: false, fin: false)) == .tooBig)
    }

    @Test mutating func `data that is none, and text that is none, is refused`() {
        #expect(Self.code(receive(.text, [0xFF, 0xFF])) == .invalidText)
        // 0xFF in a stored block.
        #expect(Self.code(receive(.text, [0x00, 0x01, 0x00, 0xFE, 0xFF, 0xFF, 0x00])) == .invalidText)
        #expect(
            receive(.binary, [0x00, 0x01, 0x00, 0xFE, 0xFF, 0xFF, 0x00]) == .binary(ByteBuffer(bytes: [0xFF])))
    }

    @Test mutating func `a fragment that spoils its text is refused before the next one comes`() {
        #expect(receive(.text, [0xF4], rsv1: false, fin: false) == .none)
        #expect(Self.code(receive(.continuation, [0x90], rsv1: false, fin: false)) == .invalidText)
    }
}
