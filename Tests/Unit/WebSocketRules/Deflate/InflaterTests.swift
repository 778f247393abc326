import NIOCore
import Testing
import WebSocketRules

@testable import TestSupport

struct InflaterTests {
    private let inflater = Inflater()

    private static func payloads() -> [[UInt8]] {
        var random = SeededGenerator(seed: 7692)
        let words = Array("the quick brown fox jumps over the lazy dog ".utf8)
        return [
            [0x61], Array("Hello".utf8), Array(repeating: 0x61, count: 1000),
            (0..<70_000).map { words[$0 % words.count] },
            (0..<5000).map { _ in UInt8.random(in: 0...255, using: &random) },
            (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 300) },
        ]
    }

    private func deflate(_ bytes: [UInt8], _ window: DeflateWindow = .full) -> ByteBuffer? {
        let deflater = Deflater(window)
        return bytes.withUnsafeBytes { deflater.deflate($0) }
    }

    @Test(arguments: DeflateWindow.allCases)
    func `what was compressed is inflated, message after message, with one of each`(window: DeflateWindow) throws {
        let deflater = Deflater(window)
        for bytes in Self.payloads() + Self.payloads() {
            guard let compressed = bytes.withUnsafeBytes({ deflater.deflate($0) }) else { continue }
            #expect(compressed.readableBytes < bytes.count)
            #expect(Array(try inflater.inflate(compressed, atMost: bytes.count).readableBytesView) == bytes)
        }
    }

    @Test func `what does not become smaller is left as it is`() {
        var random = SeededGenerator(seed: 1)
        #expect(deflate((0..<4096).map { _ in UInt8.random(in: 0...255, using: &random) }) == nil)
        #expect(deflate([]) == nil)
        #expect(deflate(Array("hi".utf8)) == nil)
        #expect(deflate(Array(repeating: 0x61, count: 100)) != nil)
    }

    @Test func `a message in the narrow window refers no further back than that`() throws {
        // The same 600 random bytes twice: only a window that holds them all makes them half as long.
        var random = SeededGenerator(seed: 2)
        let half = (0..<600).map { _ in UInt8.random(in: 0...255, using: &random) }
        let bytes = half + half
        #expect(try #require(deflate(bytes, .full)).readableBytes < 700)
        #expect(deflate(bytes, .narrow) == nil)
    }

    /// The examples of RFC 7692 §7.2.3.
    @Test(
        arguments: [
            ([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], "Hello"),
            ([0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00], "Hello"),
            ([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00], "Hello"),
            ([0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00], "Hello"),
            ([0x00], ""),
            // A final block with nothing behind it, and two whole streams in one message.
            ([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], "Hello"),
            ([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], "HelloHello"),
            // Nothing at all: what is behind it is an empty block.
            ([], ""),
        ] as [([UInt8], String)])
    func `blocks of every kind are inflated`(bytes: [UInt8], text: String) throws {
        #expect(String(buffer: try inflater.inflate(ByteBuffer(bytes: bytes), atMost: 100)) == text)
    }

    @Test(
        arguments: [
            [0xFF], [0x07], [0xF2, 0x48, 0xCD], [0xF2, 0x48, 0xCD, 0xC9], [0x00, 0x0A, 0x00, 0xF5, 0xFF, 0x48],
            [0x00, 0x05, 0x00, 0xFA, 0xFE, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00],
            // Refers to what stands before the message.
            [0x2A, 0x00, 0x11, 0x00, 0x00],
        ] as [[UInt8]])
    func `what is not compressed data is refused, and what comes next is inflated`(bytes: [UInt8]) throws {
        #expect(throws: Inflater.Failure.corrupt) { try inflater.inflate(ByteBuffer(bytes: bytes), atMost: 100) }
        let hello = ByteBuffer(bytes: [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
        #expect(String(buffer: try inflater.inflate(hello, atMost: 100)) == "Hello")
    }

    @Test func `any bytes are inflated or refused`() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let inflated = try? inflater.inflate(ByteBuffer(bytes: bytes), atMost: 500)
            #expect(inflated?.readableBytes ?? 0 <= 500)
        }
    }

    @Test func `nothing is inflated past the limit, and all up to it`() throws {
        let bytes = [UInt8](repeating: 0x61, count: 10_000)
        let compressed = try #require(deflate(bytes))
        for limit in [0, 1, 255, 256, 257, 9_998, 9_999] {
            #expect(throws: Inflater.Failure.tooBig) { try inflater.inflate(compressed, atMost: limit) }
        }
        for limit in [10_000, 10_001, 1 << 24] {
            #expect(try inflater.inflate(compressed, atMost: limit).readableBytes == 10_000)
        }
        #expect(try inflater.inflate(ByteBuffer(bytes: [0]), atMost: 0).readableBytes == 0)
    }

    @Test func `a bomb takes no more memory than its limit`() throws {
        // 64 MiB in a third of one.
        let bomb = try #require(deflate([UInt8](repeating: 0, count: 64 << 20)))
        #expect(bomb.readableBytes < 400_000)
        #expect(throws: Inflater.Failure.tooBig) { try inflater.inflate(bomb, atMost: 65_536) }
    }
}
