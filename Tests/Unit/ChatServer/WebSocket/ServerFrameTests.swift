import NIOCore
import Testing
import Wire

@testable import ChatServer

struct ServerFrameTests {
    @Test(
        arguments: [
            (0, [0x81, 0]), (1, [0x81, 1]), (125, [0x81, 125]), (126, [0x81, 126, 0, 126]), (127, [0x81, 126, 0, 127]),
            (255, [0x81, 126, 0, 255]), (256, [0x81, 126, 1, 0]), (65_535, [0x81, 126, 255, 255]),
            (65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]), (70_000, [0x81, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70]),
        ] as [(Int, [UInt8])])
    func `a text frame says its length in as few bytes as do`(count: Int, head: [UInt8]) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        #expect(Array(ServerFrame.text(payload).readableBytesView) == head + payload)
    }

    @Test func `ping, pong and close are frames without mask`() {
        #expect(Array(ServerFrame.ping().readableBytesView) == [0x89, 0])
        #expect(Array(ServerFrame.pong(ByteBuffer(bytes: [1, 2])).readableBytesView) == [0x8A, 2, 1, 2])
        #expect(Array(ServerFrame.close(.noStatus).readableBytesView) == [0x88, 0])
        #expect(Array(ServerFrame.close(.normal).readableBytesView) == [0x88, 2, 0x03, 0xE8])
        #expect(
            Array(ServerFrame.close(.usernameTaken, reason: "é").readableBytesView) == [
                0x88, 4, 0x0F, 0xA1, 0xC3, 0xA9,
            ])
    }

    @Test func `a close frame is no longer than a control frame may be`() {
        let frame = Array(ServerFrame.close(.normal, reason: String(repeating: "x", count: 500)).readableBytesView)
        #expect(frame.count == 127 && frame[1] == 125)
    }

    @Test(
        arguments: [
            Goodbye.goingAway, .protocolError, .notText, .invalidUTF8, .tooLarge, .draining, .tooSlow, .unavailable,
            .usernameTaken, .nameLost,
        ])
    func `every reason fits whole`(goodbye: Goodbye) {
        #expect(goodbye.reason.utf8.count <= 123)
    }
}
