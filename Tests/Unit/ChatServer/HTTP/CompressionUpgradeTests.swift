import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing
import WebSocketRules
import Wire

@testable import ChatServer
@testable import SteppedService

/// The upgrade with `Sec-WebSocket-Extensions`, and what is spoken afterwards, at `/ws` and at `/echo`.
struct CompressionUpgradeTests {
    private static let offer = "permessage-deflate; client_max_window_bits"
    private static let agreed =
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    private static let text = String(repeating: "to be or not to be ", count: 60)

    /// One socket, with what was written to it and not read.
    private final class Socket {
        let edge: EmbeddedEdge
        let channel: EmbeddedChannel
        private var bytes = ByteBuffer()

        init(compression: MessageCompression?, echoes: Bool = false) throws {
            edge = EmbeddedEdge(compression: compression)
            channel = try edge.httpSocket(
                Gate(DoorRules(maximumConnections: 10), metrics: edge.metrics), echoes: echoes)
        }

        /// - Returns: the head of the answer.
        func ask(_ target: String, offering extensions: [String] = []) throws -> String {
            let lines =
                [
                    "GET \(target) HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: websocket",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
                ] + extensions.map { "Sec-WebSocket-Extensions: \($0)" } + ["", ""]
            try channel.writeInbound(ByteBuffer(string: lines.joined(separator: "\r\n")))
            try read()
            let end = try #require(bytes.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)))
            let head = bytes.readString(length: end.upperBound - bytes.readerIndex)
            return try #require(head)
        }

        private func read() throws {
            edge.turn()
            while var buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes.writeBuffer(&buffer) }
        }

        func say(_ first: UInt8, _ payload: [UInt8]) throws {
            var frame = ByteBuffer(bytes: [first])
            frame.writeBytes(
                payload.count < 126
                    ? [0x80 | UInt8(payload.count)]
                    : [0xFE, UInt8(truncatingIfNeeded: payload.count >> 8), UInt8(truncatingIfNeeded: payload.count)])
            frame.writeBytes([0, 0, 0, 0] + payload)
            try channel.writeInbound(frame)
        }

        /// The code of the only frame that has come, if that is a close.
        func closeCode() throws -> UInt16? {
            let frames = try frames()
            #expect(frames.map(\.first) == [0x88])
            return frames.first.flatMap { $0.payload.getInteger(at: $0.payload.readerIndex) }
        }

        /// The frames that have come: the first byte of each, and its payload.
        func frames() throws -> [(first: UInt8, payload: ByteBuffer)] {
            try read()
            var frames: [(UInt8, ByteBuffer)] = []
            while let first = bytes.readInteger(as: UInt8.self) {
                let short = bytes.readInteger(as: UInt8.self).map { Int($0) }
                let length = short == 126 ? bytes.readInteger(as: UInt16.self).map { Int($0) } : short
                let payload = bytes.readSlice(length: try #require(length))
                frames.append((first, try #require(payload)))
            }
            return frames
        }
    }

    private static func extensions(_ head: String) -> String? {
        head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("sec-websocket-extensions:") }
            .map { String($0.drop { $0 != ":" }.dropFirst(2)) }
    }

    private static func deflated(_ text: String) throws -> [UInt8] {
        Array(try #require(Array(text.utf8).withUnsafeBytes { Deflater(.full).deflate($0) }).readableBytesView)
    }

    @Test(
        arguments: [
            ([offer], agreed), (["x, permessage-deflate; server_max_window_bits=8", offer], agreed),
            (["permessage-deflate; server_max_window_bits=12"], agreed + "; server_max_window_bits=12"),
            ([], nil), (["permessage-deflate; nonsense"], nil), ([";;"], nil),
        ] as [([String], String?)])
    func `the answer says what was agreed on, and only with the setting`(offers: [String], answer: String?) throws {
        for path in ["/ws?username=alice", "/echo"] {
            let on = try Socket(compression: MessageCompression(minimumBytes: 0), echoes: true)
            let head = try on.ask(path, offering: offers)
            #expect(head.hasPrefix("HTTP/1.1 101"))
            #expect(Self.extensions(head) == answer)
            let off = try Socket(compression: nil, echoes: true)
            #expect(Self.extensions(try off.ask(path, offering: offers)) == nil)
        }
    }

    @Test func `without its setting there is no echo`() throws {
        #expect(try Socket(compression: nil).ask("/echo").hasPrefix("HTTP/1.1 404"))
    }

    @Test func `an echo says what it is told, text and binary`() throws {
        let socket = try Socket(compression: nil, echoes: true)
        _ = try socket.ask("/echo")
        try socket.say(0x81, Array("é".utf8))
        try socket.say(0x82, [0, 0xFF])
        try socket.say(0x01, Array("a".utf8))
        try socket.say(0x80, Array("b".utf8))
        let frames = try socket.frames()
        #expect(frames.map(\.first) == [0x81, 0x82, 0x81])
        #expect(frames.map { Array($0.payload.readableBytesView) } == [Array("é".utf8), [0, 0xFF], Array("ab".utf8)])
        try socket.say(0xC1, [0])
        #expect(try socket.closeCode() == 1002)
    }

    @Test func `an echo inflates and compresses`() throws {
        let socket = try Socket(compression: MessageCompression(minimumBytes: 100), echoes: true)
        _ = try socket.ask("/echo", offering: [Self.offer])
        try socket.say(0xC1, try Self.deflated(Self.text))
        try socket.say(0x81, Array("short".utf8))
        let frames = try socket.frames()
        #expect(frames.map(\.first) == [0xC1, 0x81])
        let inflated = try Inflater().inflate(frames[0].payload, atMost: 1 << 16)
        #expect(String(buffer: inflated) == Self.text)
        #expect(frames[0].payload.readableBytes < Self.text.utf8.count / 4)
    }

    @Test func `a chat client may compress what it says, and is answered in kind`() throws {
        let socket = try Socket(compression: MessageCompression(minimumBytes: 0))
        _ = try socket.ask("/ws?username=alice", offering: [Self.offer])
        _ = try socket.frames()
        try socket.say(0xC1, try Self.deflated(#"{"type":"list_users"                                        }"#))
        let frames = try socket.frames()
        let words = try frames.map { frame in
            String(
                buffer: frame.first & 0x40 == 0 ? frame.payload : try Inflater().inflate(frame.payload, atMost: 4096))
        }
        #expect(words == [#"{"type":"system_message","content":"Active users: alice"}"#])
    }

    @Test func `a bomb ends the connection with 1009`() throws {
        let socket = try Socket(compression: MessageCompression(minimumBytes: 0))
        _ = try socket.ask("/ws?username=alice", offering: [Self.offer])
        _ = try socket.frames()
        try socket.say(0xC1, try Self.deflated(String(repeating: " ", count: 1 << 20)))
        #expect(try socket.closeCode() == 1009)
    }
}
