import NIOCore
import Testing
import WebSocketRules

@testable import ChatServer

struct FrameCompressorTests {
    private static let long = Array(String(repeating: "the same again and again ", count: 100).utf8)

    /// The first byte, and the message that a client reads.
    private func read(_ frame: ByteBuffer) throws -> (first: UInt8, message: [UInt8]) {
        var frame = frame
        let byte = frame.readInteger(as: UInt8.self)
        let first = try #require(byte)
        let length: Int? =
            switch frame.readInteger(as: UInt8.self) {
            case 126: frame.readInteger(as: UInt16.self).map(Int.init)
            case let short: short.map(Int.init)
            }
        #expect(frame.readableBytes == length)
        guard first & 0x40 != 0 else { return (first, Array(frame.readableBytesView)) }
        return (first, Array(try Inflater().inflate(frame, atMost: 1 << 20).readableBytesView))
    }

    @Test(arguments: DeflateWindow.allCases)
    func `a long text is compressed and marked`(window: DeflateWindow) throws {
        let compressor = FrameCompressor(window, minimumBytes: 512)
        for _ in 0..<3 {
            let frame = compressor.text(Self.long)
            #expect(frame.readableBytes < Self.long.count / 4)
            let (first, message) = try read(frame)
            #expect(first == 0xC1)
            #expect(message == Self.long)
        }
        let binary = try read(Self.long.withUnsafeBytes { compressor.frame(.binary, $0) })
        #expect(binary.first == 0xC2 && binary.message == Self.long)
    }

    @Test func `what has fewer bytes than the least goes as it is`() throws {
        let compressor = FrameCompressor(.full, minimumBytes: 100)
        for (count, first) in [(0, 0x81), (99, 0x81), (100, 0xC1)] as [(Int, UInt8)] {
            let text = [UInt8](repeating: 0x61, count: count)
            let frame = try read(compressor.text(text))
            #expect(frame.first == first && frame.message == text)
        }
    }

    @Test func `what does not become smaller goes as it is`() throws {
        let compressor = FrameCompressor(.full, minimumBytes: 0)
        for text in [[], Array("hi".utf8), (0..<255).map { UInt8($0) }] as [[UInt8]] {
            let frame = try read(compressor.text(text))
            #expect(frame.first == 0x81 && frame.message == text)
        }
    }

    @Test func `many threads compress at a time`() async throws {
        let compressor = FrameCompressor(.full, minimumBytes: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let text = Array(String(repeating: "thread \(number) ", count: 200).utf8)
                    for _ in 0..<50 {
                        let message = try read(compressor.text(text)).message
                        #expect(message == text)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
