import NIOCore

import Testing
import Wire

@testable import ChatServer
@testable import TestSupport

struct ProxyHeaderTests {
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

    private func read(_ bytes: [UInt8]) -> ProxyHeader { ProxyHeader(ByteBuffer(bytes: bytes).readableBytesView) }

    private static func binary(_ command: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
        signature + [command, family, UInt8(rest.count >> 8), UInt8(rest.count & 0xFF)] + rest
    }

    @Test(
        arguments: [
            ("PROXY TCP4 192.0.2.7 10.0.0.1 40000 8080\r\n", "192.0.2.7"),
            ("PROXY TCP6 2001:db8::7 ::1 40000 8080\r\n", "2001:db8::7"),
            ("PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n", "192.0.2.7"), ("PROXY UNKNOWN\r\n", "nobody"),
            ("PROXY UNKNOWN whatever it says\r\n", "nobody"),
            ("PROXY TCP4 192.0.2.7 10.0.0.1 40000 65536\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.7 10.0.0.1 40000\r\n", "malformed"), ("PROXY TCP4 ::1 ::1 1 2\r\n", "malformed"),
            ("PROXY TCP6 192.0.2.7 ::1 1 2\r\n", "malformed"), ("PROXY TCP5 192.0.2.7 10.0.0.1 1 2\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.7  10.0.0.1 1 2\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.7 10.0.0.1 1 2\n", "malformed"),
            ("PROXY TCP4 192.0.2.7 10.0.0.1 1 -2\r\n", "malformed"), ("PROXY \r\n", "malformed"),
            ("PROXY UNKNOWN é\r\n", "malformed"), ("GET / HTTP/1.1\r\n", "malformed"), ("PROXY", "incomplete"),
            ("", "incomplete"), ("PROXY TCP4 192.0.2.7 10.0.0.1 1 2\r", "incomplete"), ("PROXZ", "malformed"),
            ("PROXY UNKNOWN " + String(repeating: "x", count: 91) + "\r\n", "nobody"),
            ("PROXY UNKNOWN " + String(repeating: "x", count: 92) + "\r\n", "malformed"),
            ("PROXY UNKNOWN " + String(repeating: "x", count: 92), "incomplete"),
            ("PROXY UNKNOWN " + String(repeating: "x", count: 93), "malformed"),
        ])
    func `a line of version 1 is read`(text: String, expected: String) {
        #expect(describe(read(Array(text.utf8)), of: text.utf8.count) == expected)
    }

    private func describe(_ header: ProxyHeader, of count: Int) -> String {
        switch header {
        case .incomplete: return "incomplete"
        case .malformed: return "malformed"
        case .complete(let client, let bytes):
            #expect(bytes == count)
            return client?.description ?? "nobody"
        }
    }

    private static let four: [UInt8] = [192, 0, 2, 7, 10, 0, 0, 1, 0x9C, 0x40, 0x1F, 0x90]
    private static let six: [UInt8] =
        [0x20, 1, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [7] + Array(repeating: 0, count: 20)

    @Test(
        arguments: [
            (binary(0x21, 0x11, four), "192.0.2.7"), (binary(0x21, 0x21, six), "2001:db8::7"),
            (binary(0x21, 0x11, four + [0x04, 0, 3, 1, 2, 3]), "192.0.2.7"), (binary(0x20, 0x00, []), "nobody"),
            (binary(0x20, 0x11, four), "nobody"), (binary(0x21, 0x00, []), "nobody"),
            (binary(0x21, 0x00, [9, 9]), "nobody"),
            (binary(0x21, 0x31, Array(repeating: 0, count: 216)), "nobody"), (binary(0x21, 0x12, four), "nobody"),
            (binary(0x21, 0x11, Array(four.dropLast())), "malformed"), (binary(0x21, 0x21, four), "malformed"),
            (binary(0x22, 0x11, four), "malformed"), (binary(0x11, 0x11, four), "malformed"),
            (binary(0x31, 0x11, four), "malformed"), (binary(0x21, 0x41, four), "malformed"),
            (binary(0x21, 0x13, four), "malformed"),
            (binary(0x21, 0x11, four + Array(repeating: 0, count: 4096 - 12)), "192.0.2.7"),
            (binary(0x21, 0x11, four + Array(repeating: 0, count: 4097 - 12)), "malformed"),
            (Array(binary(0x21, 0x11, four).dropLast()), "incomplete"), (signature, "incomplete"),
            (signature + [0x21], "incomplete"), (signature + [0x41], "malformed"), ([0x0D, 0x0A, 0x0D], "incomplete"),
            ([0x0D, 0x0A, 0x0A], "malformed"),
        ] as [([UInt8], String)])
    func `a header of version 2 is read`(bytes: [UInt8], expected: String) {
        #expect(describe(read(bytes), of: bytes.count) == expected)
    }

    @Test func `however it is cut, it comes to the same, and what follows is not read`() {
        for header in [Self.binary(0x21, 0x11, Self.four), Array("PROXY TCP4 192.0.2.7 10.0.0.1 1 2\r\n".utf8)] {
            for count in 0..<header.count { #expect(read(Array(header.prefix(count))) == .incomplete) }
            #expect(
                read(header + Array("GET / HTTP/1.1\r\n\r\n".utf8))
                    == .complete(client: IPAddress("192.0.2.7"), bytes: header.count))
        }
    }

    @Test func `no bytes whatever are too much for it`() {
        var generator = SeededGenerator(seed: 31)
        for _ in 0..<20_000 {
            let isBinary = Bool.random(using: &generator)
            var bytes =
                isBinary
                ? Self.binary(0x21, 0x11, Self.four + [1, 2, 3]) : Array("PROXY TCP4 192.0.2.7 10.0.0.1 1 2\r\n".utf8)
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
            if case .complete(_, let count) = read(bytes) { #expect(count <= bytes.count) }
        }
    }
}
