import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing
import Wire

@testable import Transport

/// Counts the reads that reach the socket.
private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = WebSocketFrame
    var count = 0
    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}

@Suite struct SessionHandlerTests {
    private let recorder = Recorder()
    private let counter = ReadCounter()
    private let session: SessionHandler
    private let channel: EmbeddedChannel

    init() throws {
        session = SessionHandler(link: Link(attempt: Attempt(number: 1), sink: recorder))
        channel = EmbeddedChannel(handlers: [counter, session])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func receive(_ opcode: WebSocketOpcode, _ bytes: [UInt8], fin: Bool = true) throws {
        try channel.writeInbound(WebSocketFrame(fin: fin, opcode: opcode, data: ByteBuffer(bytes: bytes)))
    }

    private func sent() throws -> WebSocketFrame? { try channel.readOutbound(as: WebSocketFrame.self) }

    @Test func `A message is one masked text frame, reported when it was written`() throws {
        session.send(ByteBuffer(string: "hi"), number: 7)
        let frame = try #require(try sent())
        #expect(frame.fin && frame.opcode == .text && frame.maskKey != nil)
        #expect(String(buffer: frame.data) == "hi")
        #expect(recorder.events == [.sent(7)])
    }

    @Test func `A message without a number is sent without a report`() throws {
        session.send(ByteBuffer(string: "hi"), number: nil)
        #expect(try sent()?.opcode == .text)
        #expect(recorder.events.isEmpty)
    }

    @Test func `Masking keys differ from frame to frame`() throws {
        for number in 1...2 { session.send(ByteBuffer(string: "hi"), number: number) }
        let first = try #require(try sent()?.maskKey)
        let second = try #require(try sent()?.maskKey)
        #expect(Array(first) != Array(second))
    }

    @Test func `A ping is answered with its own bytes, masked`() throws {
        try receive(.ping, [1, 2, 3])
        let frame = try #require(try sent())
        #expect(frame.opcode == .pong && frame.maskKey != nil)
        #expect(Array(frame.data.readableBytesView) == [1, 2, 3])
        #expect(recorder.events == [.alive])
    }

    @Test func `A message in fragments is one message, with a ping between them`() throws {
        let bytes = Array("an é".utf8)
        try receive(.text, Array(bytes[..<4]), fin: false)
        try receive(.ping, [])
        try receive(.continuation, Array(bytes[4...]))
        #expect(recorder.events.last == .received(ByteBuffer(string: "an é")))
    }

    @Test func `The server's close is answered with its code, and is the last word`() throws {
        try receive(.connectionClose, [0x03, 0xF4] + Array("bye".utf8))
        let frame = try #require(try sent())
        #expect(frame.opcode == .connectionClose && frame.maskKey != nil)
        #expect(Array(frame.data.readableBytesView) == [0x03, 0xF4])
        session.send(ByteBuffer(string: "hi"), number: 1)
        try receive(.text, Array("late".utf8))
        #expect(try sent() == nil)
        #expect(recorder.events == [.ended(.closed(.serviceRestart, reason: "bye"))])
    }

    @Test func `One's own close is not answered again, and then the connection is done`() throws {
        session.close(.normal)
        #expect(Array(try #require(try sent()).data.readableBytesView) == [0x03, 0xE8])
        try receive(.connectionClose, [0x03, 0xE8])
        #expect(try sent() == nil)
        #expect(recorder.events == [.ended(.closed(.normal, reason: ""))])
        #expect(!channel.isActive)
    }

    @Test(
        arguments: [
            (.text, [0xFF], 1007), (.continuation, [], 1002), (.connectionClose, [0x03], 1002),
            (.connectionClose, [0x03, 0xED], 1002), (.connectionClose, [0x03, 0xE8, 0xFF], 1007),
        ] as [(WebSocketOpcode, [UInt8], UInt16)])
    func `A breach of the protocol fails the connection`(opcode: WebSocketOpcode, bytes: [UInt8], code: UInt16) throws {
        try receive(opcode, bytes)
        let frame = try #require(try sent())
        #expect(frame.opcode == .connectionClose)
        #expect(frame.data.getInteger(at: frame.data.readerIndex, as: UInt16.self) == code)
        guard case .ended(.lost) = recorder.events.last else {
            Issue.record("\(recorder.events)")
            return
        }
    }

    @Test func `A binary message is reported as such, whatever it holds`() throws {
        try receive(.binary, [0])
        #expect(recorder.events == [.receivedBinary(ByteBuffer(bytes: [0]))])
    }

    @Test func `A connection that breaks is lost once`() throws {
        _ = try channel.finish(acceptAlreadyClosed: true)
        #expect(recorder.events == [.ended(.lost(""))])
    }

    @Test func `Nothing is read while the receiver lags behind`() throws {
        let before = counter.count
        recorder.hasRoom = false
        channel.read()
        #expect(counter.count == before)
        session.resumeReading()
        #expect(counter.count == before)
        recorder.hasRoom = true
        session.resumeReading()
        #expect(counter.count == before + 1)
        session.resumeReading()
        #expect(counter.count == before + 1)
    }
}
