import Testing

@testable import ChatClient

@Suite struct KeyDecoderTests {
    private static let table: [(String, [Key])] = [
        ("aé日👋", [.insert("a"), .insert("é"), .insert("日"), .insert("👋")]),
        ("\r", [.enter]), ("\n", [.enter]),
        ("\u{1}\u{2}\u{5}\u{6}", [.home, .left, .end, .right]),
        ("\u{B}\u{15}\u{17}\u{19}", [.killToEnd, .killToStart, .killWordBack, .yank]),
        ("\u{3}\u{4}\u{C}\u{1A}", [.interrupt, .endOfInput, .clearScreen, .suspend]),
        ("\u{7F}\u{8}", [.backspace, .backspace]),
        ("\u{1B}[A\u{1B}[B\u{1B}[C\u{1B}[D", [.up, .down, .right, .left]),
        ("\u{1B}OA\u{1B}OH\u{1B}OF", [.up, .home, .end]),
        ("\u{1B}[H\u{1B}[F\u{1B}[1~\u{1B}[4~\u{1B}[7~\u{1B}[8~", [.home, .end, .home, .end, .home, .end]),
        ("\u{1B}[3~\u{1B}[3;5~", [.delete, .killWordForward]),
        ("\u{1B}[1;5C\u{1B}[1;5D\u{1B}[1;2C", [.wordRight, .wordLeft, .right]),
        ("\u{1B}[1;3C\u{1B}[1;3D\u{1B}[1;3A\u{1B}[1;2B", [.nextWindow, .previousWindow, .scrollUp, .scrollDown]),
        ("\u{1B}[5~\u{1B}[6~\u{1B}<\u{1B}>", [.pageUp, .pageDown, .scrollToTop, .scrollToEnd]),
        ("\u{1B}1\u{1B}9\u{1B}0\u{1B}a", [.window(1), .window(9), .window(10), .nextActiveWindow]),
        ("\t\u{1B}[Z\u{12}\u{7}\u{14}\u{1F}", [.complete, .completeBack, .searchBack, .cancel, .transpose, .undo]),
        ("\u{1B}y\u{1B}t\u{1B}u\u{1B}l\u{1B}c", [.yankOlder, .transposeWords, .uppercase, .lowercase, .capitalize]),
        ("\u{1B}\r\u{1B}\n", [.lineBreak, .lineBreak]),
        ("\u{1B}[I\u{1B}[O\u{1B}OI", [.focused(true), .focused(false), .ignored]),
        ("\u{1B}[[Ax", [.ignored, .insert("x")]),
        ("\u{1B}b\u{1B}f\u{1B}d\u{1B}\u{7F}", [.wordLeft, .wordRight, .killWordForward, .killWordBack]),
        ("\u{1B}[15~\u{1B}[?1;2cx", [.ignored, .ignored, .insert("x")]),
        (
            "\u{1B}[200~a\r\nb\nc\td\u{3}\u{1B}[A\u{1B}[201~\r",
            [.insert("a"), .pastedBreak, .insert("b"), .pastedBreak, .insert("c"), .insert(" "), .insert("d"), .enter]
        ),
        ("\u{9B}", []),
    ]

    @Test(arguments: table.indices)
    func `Bytes are the same keys however the reads cut them`(row: Int) {
        let (text, keys) = Self.table[row]
        let bytes = Array(text.utf8)
        for size in 1...max(1, bytes.count) {
            var decoder = KeyDecoder()
            var decoded: [Key] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                decoded += decoder.decode(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(decoded == keys, "in pieces of \(size)")
        }
    }

    @Test func `Whatever bytes come, they are the same keys however the reads cut them`() {
        var generator = SystemRandomNumberGenerator()
        let parts: [[UInt8]] = [
            [0x1B], [0x1B, 0x5B], [0x1B, 0x4F], Array("200~".utf8), Array("201~".utf8), Array("1;3A".utf8), [0x0D],
            [0x0A],
            [0xE6, 0x97], [0xA5], [0xF0, 0x9F], [0xFF], [0x03], Array("x".utf8), Array("[[".utf8), [0x9B], [0x7F],
            [0x80],
        ]
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 1...12, using: &generator)).flatMap { _ in
                parts.randomElement(using: &generator) ?? []
            }
            var whole = KeyDecoder()
            let keys = whole.decode(bytes)
            var pieces = KeyDecoder()
            var decoded: [Key] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...min(3, rest.count), using: &generator)
                decoded += pieces.decode(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(decoded == keys, "\(bytes)")
            #expect(keys.count <= bytes.count)
        }
    }

    @Test func `Broken UTF-8 costs a replacement character and nothing of what follows`() {
        var decoder = KeyDecoder()
        #expect(decoder.decode([0xE6, 0x97, 0x61]) == [.insert("\u{FFFD}"), .insert("a")])
        #expect(decoder.decode([0xFF, 0x62]) == [.insert("\u{FFFD}"), .insert("b")])
    }

    @Test func `An escape byte alone is a key once nothing followed`() {
        var decoder = KeyDecoder()
        #expect(decoder.decode([0x1B]) == [])
        #expect(decoder.patience == 50)
        #expect(decoder.flush() == [.ignored])
        #expect(decoder.decode(Array("b".utf8)) == [.insert("b")])
    }

    @Test func `A paste whose end got lost ends with a pause`() {
        var decoder = KeyDecoder()
        #expect(decoder.patience == nil)
        #expect(decoder.decode(Array("\u{1B}[200~a\u{3}".utf8)) == [.insert("a")])
        #expect(decoder.patience == 2000)
        #expect(decoder.flush() == [])
        #expect(decoder.decode([0x03]) == [.interrupt])
    }

    @Test func `A paste whose end is cut after its escape byte is waited for like any paste`() {
        var decoder = KeyDecoder()
        #expect(decoder.decode(Array("\u{1B}[200~a\u{1B}".utf8)) == [.insert("a")])
        #expect(decoder.patience == 2000)
        #expect(decoder.decode(Array("[201~b".utf8)) == [.insert("b")])
        #expect(decoder.patience == nil)
    }

    @Test func `A key's sequence that breaks off after two bytes swallows no control key`() {
        var decoder = KeyDecoder()
        #expect(decoder.decode([0x1B, 0x4F, 0x03]) == [.interrupt])
        #expect(decoder.decode([0x1B, 0x4F]) == [])
        #expect(decoder.patience == 50)
        #expect(decoder.flush() == [.ignored])
        #expect(decoder.decode(Array("A".utf8)) == [.insert("A")])
    }

    @Test func `An endless control sequence is bounded`() {
        var decoder = KeyDecoder()
        let keys = decoder.decode([0x1B, 0x5B] + Array(repeating: UInt8(ascii: "1"), count: 100))
        #expect(keys.count > 60)
    }
}
