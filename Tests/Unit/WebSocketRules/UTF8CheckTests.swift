import Testing

@testable import TestSupport
@testable import WebSocketRules

struct UTF8CheckTests {
    /// How many of the pieces are accepted, and whether the text may end then.
    private func accepted(_ pieces: [[UInt8]]) -> (count: Int, isComplete: Bool) {
        var check = UTF8Check()
        for (number, piece) in pieces.enumerated() where !piece.withUnsafeBytes({ check.accept($0) }) {
            return (number, false)
        }
        return (pieces.count, check.isComplete)
    }

    @Test func `any bytes are text exactly where Swift says so, however they are cut`() {
        var random = SeededGenerator(seed: 3629)
        let starts: [UInt8] = [
            0x00, 0x7F, 0x80, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0x90, 0x9F, 0xA0,
        ]
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                bytes += Array(repeating: 0x61, count: Int.random(in: 0...9, using: &random))
                bytes.append(starts.randomElement(using: &random) ?? 0)
            }
            bytes += Array("é語😀".utf8)
            let isText = String(validating: bytes, as: UTF8.self) != nil
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let result = accepted([Array(bytes[..<cut]), Array(bytes[cut...])])
            #expect((result.count == 2 && result.isComplete) == isText, "\(bytes) cut at \(cut)")
        }
    }

    @Test func `every character is text, byte by byte`() {
        for scalar in [
            "\u{0}", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}",
            "\u{10FFFF}",
        ] {
            let result = accepted(scalar.utf8.map { [$0] })
            #expect(result.count == scalar.utf8.count && result.isComplete)
        }
    }

    @Test(
        arguments: [
            ([[0xF4], [0x90], [0x80]], 1), ([[0xC0]], 0), ([[0xED], [0xA0]], 1), ([[0xE0], [0x80]], 1),
            ([[0x61], [0x80]], 1), ([[0xE6], [0x28]], 1), ([[0xF0, 0x9F], [0x98], [0x41]], 2),
        ] as [([[UInt8]], Int)])
    func `the first piece that spoils a text is refused`(pieces: [[UInt8]], count: Int) {
        #expect(accepted(pieces).count == count)
    }

    @Test func `a text may not end within a character`() {
        #expect(!accepted([[0x61, 0xE6, 0x97]]).isComplete)
        #expect(accepted([[0xE6, 0x97], [0xA5]]).isComplete)
    }
}
