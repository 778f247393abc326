import Wire

@testable import TestSupport

/// Makes up what a hostile client sends on one connection: legal traffic of every kind with a few things wrong in it. The
/// same seed gives the same traffic.
///
/// It takes care to stay out of the rooms and names of honest clients: what it says there would be heard, as it should be.
struct MutatedTraffic {
    /// How the connection ends.
    enum End: CaseIterable {
        /// Nothing more is sent, and the server is left to close.
        case halfClosed
        /// The socket is closed.
        case dropped
        /// The socket is closed, and what is on its way is lost.
        case reset
    }

    struct Visit {
        /// Written one after the other.
        let pieces: [[UInt8]]
        let end: End
    }

    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func visit() -> Visit {
        var bytes: [UInt8]
        if chance(4) {
            bytes = Array(request().utf8)
            if chance(2) { damage(&bytes) }
        } else {
            bytes = Array(upgrade().utf8)
            for _ in 0..<Int.random(in: 1...12, using: &generator) { bytes += frames(of: text()) }
            if chance(6) { damage(&bytes) }
        }
        return Visit(pieces: pieces(of: bytes), end: pick(End.allCases, else: .dropped))
    }

    // MARK: HTTP

    private mutating func upgrade() -> String {
        var lines = [
            "GET /ws?username=\(name())&room=\(room()) HTTP/1.1", "Host: x", "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
        ]
        if chance(2) { lines.append("Sec-WebSocket-Protocol: chat.v2") }
        if chance(8) { lines = changed(lines) }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    private mutating func request() -> String {
        let path = pick(
            [
                "/healthz", "/readyz", "/metrics", "/rooms", "/api/status", "/api/rooms?limit=5", "/ws", "*", "/%ff?%",
                "/api/users/x", "http://x/rooms", "/" + String(repeating: "a", count: 9000),
            ], else: "/")
        var lines = [
            "\(pick(["GET", "HEAD", "OPTIONS", "POST", "PUT", "G\0T"], else: "GET")) \(path) HTTP/1.1", "Host: x",
        ]
        if chance(3) {
            lines.append(pick(["Transfer-Encoding: chunked", "Content-Length: 3", "Content-Length: -1"], else: "A: b"))
        }
        if chance(3) { lines.append("X: " + generator.text(maximum: 40)) }
        if chance(3) { lines.append("Expect: 100-continue") }
        if chance(2) { lines = changed(lines) }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
            + pick(["", "abc", "3\r\nabc\r\n0\r\n\r\n", "zz\r\n"], else: "")
    }

    /// One line doubled, dropped, or made long.
    private mutating func changed(_ lines: [String]) -> [String] {
        var lines = lines
        let index = Int.random(in: 0..<lines.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: lines.insert(lines[index], at: index)
        case 1: lines.remove(at: index)
        default: lines[index] += String(repeating: " y", count: Int.random(in: 0...10_000, using: &generator))
        }
        return lines
    }

    // MARK: Texts

    private mutating func text() -> [UInt8] {
        if chance(10) { return generator.almostJSON(maximum: 40) }
        var fields = request(Int.random(in: 0..<12, using: &generator))
        for _ in 0..<(chance(2) ? 0 : Int.random(in: 1...3, using: &generator)) { change(&fields) }
        return Array(("{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}").utf8)
    }

    /// The fields of a legal request, of one dialect or both, as JSON.
    private mutating func request(_ kind: Int) -> [(String, String)] {
        let room = ("room", "\"\(room())\"")
        let ref = ("ref", "\"\(UInt8.random(in: 0...255, using: &generator))\"")
        let count = ("limit", "\(Int.random(in: 0...101, using: &generator))")
        let after = ("after", "\(UInt64.random(in: 0...20, using: &generator))")
        return switch kind {
        case 0, 1: [("type", "\"chat_message\""), ("content", "\"hello\""), room, ref, ("id", "\"i\"")]
        case 2: [("type", "\"join_room\""), room, ref, ("history", "10")]
        case 3: [("type", "\"join_room\""), room, after, ("epoch", "\"e\""), ("stay", "true")]
        case 4: [("type", "\"leave_room\""), room, ref]
        case 5: [("type", "\"list_users\""), room, ref, count]
        case 6: [("type", "\"list_rooms\""), ref, count, ("after", "\"a\"")]
        case 7: [("type", "\"private_message\""), ("to", "\"\(name())\""), ("content", "\"psst\""), ref]
        case 8: [("type", "\"inbox\""), after, count, ref]
        case 9: [("type", "\"history\""), room, ("before", "9"), count, ref]
        case 10: [("type", "\"typing\""), room, ("is_typing", "true")]
        default: [("type", "\"authenticate\""), ("token", "\"a.b.c\""), ref]
        }
    }

    /// A field dropped, doubled, made huge or given another type.
    private mutating func change(_ fields: inout [(String, String)]) {
        guard !fields.isEmpty else { return }
        let index = Int.random(in: 0..<fields.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: fields.remove(at: index)
        case 1: fields.append((fields[index].0, pick(fields, else: fields[index]).1))
        case 2:
            fields[index].1 = "\"" + String(repeating: "z", count: Int.random(in: 0...70_000, using: &generator)) + "\""
        case 3:
            fields[index].1 = pick(
                [
                    "null", "true", "-1", "1.5", "1e400", "10e9223372036854775807", "18446744073709551615", "[]", "{}",
                    "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\u{202E}x\"", "\"global\"",
                    String(repeating: "[", count: 70) + String(repeating: "]", count: 70),
                ], else: "null")
        default:
            var writer = JSONObjectWriter()
            writer.add("x", generator.text(maximum: 80))
            fields[index].1 = String(decoding: writer.finish().dropFirst(5).dropLast(), as: UTF8.self)
        }
    }

    // MARK: Frames

    /// A text as one frame or several, sometimes against the rules.
    private mutating func frames(of text: [UInt8]) -> [UInt8] {
        var frames: [WebSocketFrame] = []
        var rest = text[...]
        let count = chance(3) ? Int.random(in: 2...5, using: &generator) : 1
        for index in 0..<count {
            let length = index == count - 1 ? rest.count : Int.random(in: 0...rest.count, using: &generator)
            frames.append(
                WebSocketFrame(
                    opcode: index == 0 ? WebSocketFrame.Opcode.text : WebSocketFrame.Opcode.continuation,
                    isFinal: index == count - 1, payload: Array(rest.prefix(length))))
            rest = rest.dropFirst(length)
            if chance(8) { frames.append(WebSocketFrame(opcode: WebSocketFrame.Opcode.ping, payload: [1, 2, 3])) }
        }
        if chance(12) {
            let index = Int.random(in: 0..<frames.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: frames[index].opcode = UInt8.random(in: 0...15, using: &generator)
            case 1: frames[index].isFinal.toggle()
            case 2: frames[index].reserved = pick([0x40, 0x20, 0x10], else: 0x40)
            case 3: frames[index].mask = nil
            case 4: frames.insert(.close(UInt16.random(in: 0...5000, using: &generator), "bye"), at: index)
            default: frames.remove(at: index)
            }
        }
        return frames.flatMap(\.bytes)
    }

    // MARK: Bytes

    private mutating func damage(_ bytes: inout [UInt8]) {
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.removeSubrange(index..<min(bytes.count, index + 5))
            default: bytes.insert(contentsOf: bytes[index...].prefix(9), at: index)
            }
        }
    }

    private mutating func pieces(of bytes: [UInt8]) -> [[UInt8]] {
        guard chance(2) else { return [bytes] }
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty, pieces.count < 20 {
            pieces.append(Array(rest.prefix(Int.random(in: 1...300, using: &generator))))
            rest = rest.dropFirst(pieces.last?.count ?? 0)
        }
        return rest.isEmpty ? pieces : pieces + [Array(rest)]
    }

    // MARK: Choices

    private mutating func name() -> String { "f\(Int.random(in: 0..<40, using: &generator))" }

    private mutating func room() -> String {
        pick(["global", "dev", "r\(Int.random(in: 0..<20, using: &generator))"], else: "dev")
    }

    /// Whether one of so many cases is met.
    private mutating func chance(_ cases: Int) -> Bool { Int.random(in: 0..<cases, using: &generator) == 0 }

    private mutating func pick<Value>(_ values: [Value], else fallback: Value) -> Value {
        values.randomElement(using: &generator) ?? fallback
    }
}
