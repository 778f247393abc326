import NIOCore
import Testing
import Wire

/// Bytes that RFC 6455 forbids, and the code the connection must be closed with.
struct Violation: Sendable, CustomTestStringConvertible {
    let title: String
    let codes: Set<UInt16>
    let bytes: [UInt8]

    init(_ title: String, _ codes: Set<UInt16>, _ frames: WebSocketFrame...) {
        self.title = title
        self.codes = codes
        bytes = frames.flatMap(\.bytes)
    }

    init(_ title: String, _ codes: Set<UInt16>, raw bytes: [UInt8]) {
        self.title = title
        self.codes = codes
        self.bytes = bytes
    }

    var testDescription: String { title }

    private typealias Opcode = WebSocketFrame.Opcode
    private static let list = Array(#"{"type":"list_rooms"}"#.utf8)

    private static func text(_ payload: [UInt8], final: Bool = true) -> WebSocketFrame {
        .init(opcode: Opcode.text, isFinal: final, payload: payload)
    }

    private static func continuation(_ payload: [UInt8], final: Bool = true) -> WebSocketFrame {
        .init(opcode: Opcode.continuation, isFinal: final, payload: payload)
    }

    static let all: [Violation] =
        [
            Violation("an unmasked text frame", [1002], .init(opcode: Opcode.text, payload: list, mask: nil)),
            Violation("an unmasked ping", [1002], .init(opcode: Opcode.ping, mask: nil)),
            Violation("an unmasked close", [1002], .init(opcode: Opcode.close, payload: [3, 232], mask: nil)),
            Violation("a fragmented ping", [1002], .init(opcode: Opcode.ping, isFinal: false)),
            Violation(
                "a ping of 126 bytes", [1002], .init(opcode: Opcode.ping, payload: .init(repeating: 1, count: 126))),
            Violation("a continuation of nothing", [1002], continuation(list)),
            Violation("a second beginning", [1002], text(list, final: false), text(list)),
            Violation("a binary frame", [1003], .init(opcode: Opcode.binary, payload: list)),
            Violation("a binary fragment", [1003], .init(opcode: Opcode.binary, isFinal: false, payload: list)),
            Violation("a byte that UTF-8 never has", [1007], text([0x7B, 0xFF, 0x7D])),
            Violation("an overlong form", [1007], text([0xC0, 0xAF])),
            Violation("a surrogate in UTF-8", [1007], text([0xED, 0xA0, 0x80])),
            Violation("beyond U+10FFFF", [1007], text([0xF4, 0x90, 0x80, 0x80])),
            Violation("a character cut off at the end", [1007], text([0x7B, 0xE6, 0x97])),
            Violation(
                "bad UTF-8 over two fragments", [1007], text([0xE6], final: false), continuation([0x28, 0xA1])),
            Violation("a close of one byte", [1002], .init(opcode: Opcode.close, payload: [3])),
            Violation(
                "a close whose reason is no UTF-8", [1007], .init(opcode: Opcode.close, payload: [3, 232, 0xFF])),
            Violation(
                "a frame larger than any content needs", [1009],
                text(.init(repeating: 0x20, count: FrameLimit.bytes(forContentOf: 16_384) + 1))),
            Violation(
                "a length with its top bit set", [1002, 1009], raw: [0x81, 0xFF, 0x80] + .init(repeating: 0, count: 11)),
        ]
        + [0x40, 0x20, 0x10, 0x70].map { bits in
            Violation("reserved bits \(bits)", [1002], .init(opcode: Opcode.text, reserved: bits, payload: list))
        }
        + [0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF].map { opcode in
            Violation("opcode \(opcode)", [1002], .init(opcode: opcode))
        }
        + [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map { code in
            Violation("a close with \(code)", [1002], .close(code))
        }
}

extension Integration {
    @Suite("RFC 6455, violated", .serialized, .embedded)
    struct ProtocolViolations {
        @Test("The connection is closed with the right code, and its user is gone", arguments: Violation.all)
        func violation(_ violation: Violation) async throws {
            let instance = try Cluster.current[0]
            let witness = try await instance.enter("witness")
            let culprit = try await instance.enter("culprit")
            try await witness.hears(notice: "culprit joined the room global")
            // What comes after the violation must not be acted upon.
            culprit.send(raw: violation.bytes + WebSocketFrame.text(#"{"type":"chat_message","content":"late"}"#).bytes)
            let closing = try await culprit.closed()
            #expect(violation.codes.contains(closing.code ?? 0), "closed with \(closing)")
            try await witness.hears(notice: "culprit left the room")
            // The departure is told before the name is free.
            try await eventually("the name to be free", equals: ["witness"]) { try await witness.users() }
            try await witness.close()
            try await Cluster.current.isEmpty()
        }

        /// Reads, and never says a word of its own.
        private struct Listener: StreamParser {
            let bytes: Journal<[UInt8]>

            mutating func consume(_ buffer: inout ByteBuffer, reply: (ByteBuffer) -> Void) {
                bytes.append(buffer.readBytes(length: buffer.readableBytes) ?? [])
            }

            mutating func end(rest: inout ByteBuffer, error: (any Error)?) { bytes.finish() }
        }

        @Test(
            "Where no goodbye can come any more the server ends the connection with its own, and waits for nobody",
            arguments: Violation.all.filter { $0.title.contains("a close") || $0.title.contains("a ping of 126") })
        func promptEnd(_ violation: Violation) async throws {
            let bytes = Journal<[UInt8]>()
            let channel = try await ByteChannel.connect(port: try Cluster.current[0].port) { Listener(bytes: bytes) }
            let request = [
                "GET /ws?username=culprit HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: websocket",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", "",
            ]
            channel.write(Array(request.joined(separator: "\r\n").utf8) + violation.bytes)
            // Who does not answer a goodbye is waited for five seconds.
            try await eventually("the end of the connection", within: .seconds(3), until: { bytes.isFinished })
            let all = bytes.all.flatMap { $0 }
            let code = try #require(violation.codes.first)
            #expect(all.firstRange(of: [UInt8(code >> 8), UInt8(code & 0xFF)]) != nil)
            await channel.close()
            try await Cluster.current.isEmpty()
        }
    }
}
