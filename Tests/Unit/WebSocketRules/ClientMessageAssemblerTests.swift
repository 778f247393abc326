import NIOCore
import NIOWebSocket
import Testing
import WebSocketRules
import Wire

/// Where a client's rules are others than a server's.
struct ClientMessageAssemblerTests {
    private var assembler = MessageAssembler(for: .client, acceptsBinary: true, maximumBytes: 16)

    private static func frame(_ opcode: WebSocketOpcode, _ text: String = "", fin: Bool = true) -> WebSocketFrame {
        WebSocketFrame(fin: fin, opcode: opcode, data: ByteBuffer(string: text))
    }

    private static func breach(_ code: CloseCode, _ words: String) -> MessageAssembler.Action {
        .violation(.init(code, words))
    }

    @Test mutating func `a server's frame is not masked`() {
        #expect(assembler.receive(Self.frame(.text, "hi")) == .text("hi", bytes: ByteBuffer(string: "hi")))
        let masked = WebSocketFrame(fin: true, opcode: .text, maskKey: [1, 2, 3, 4], data: ByteBuffer())
        #expect(assembler.receive(masked) == Self.breach(.protocolError, "masked frame"))
    }

    @Test mutating func `the words say which rule is broken`() {
        let reserved = WebSocketFrame(fin: true, rsv1: true, opcode: .text, data: ByteBuffer())
        #expect(assembler.receive(reserved) == Self.breach(.protocolError, "reserved bits are set"))
        #expect(
            assembler.receive(Self.frame(.continuation)) == Self.breach(.protocolError, "continuation of nothing"))
        #expect(assembler.receive(Self.frame(.text, "x", fin: false)) == .none)
        #expect(
            assembler.receive(Self.frame(.text, "y")) == Self.breach(.protocolError, "new message inside of another"))
    }

    @Test mutating func `a message in fragments is bounded`() {
        let half = String(repeating: " ", count: 9)
        #expect(assembler.receive(Self.frame(.text, half, fin: false)) == .none)
        #expect(
            assembler.receive(Self.frame(.continuation, half, fin: false)) == Self.breach(.tooBig, "message too big"))
    }

    @Test mutating func `a binary message is one when all of it is there`() {
        #expect(assembler.receive(Self.frame(.binary, "x", fin: false)) == .none)
        #expect(assembler.receive(Self.frame(.continuation, "y")) == .binary(ByteBuffer(string: "xy")))
        #expect(assembler.receive(Self.frame(.binary)) == .binary(ByteBuffer()))
    }

    @Test mutating func `a goodbye has its reason`() {
        let goodbye = WebSocketFrame(
            fin: true, opcode: .connectionClose, data: ByteBuffer(bytes: [0x03, 0xF4] + Array("bye".utf8)))
        #expect(assembler.receive(goodbye) == .close(.serviceRestart, reason: "bye"))
        let broken = WebSocketFrame(fin: true, opcode: .connectionClose, data: ByteBuffer(bytes: [0x03]))
        #expect(assembler.receive(broken) == .brokenClose(.init(.protocolError, "bad close code")))
    }
}
