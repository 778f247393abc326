import Testing

@testable import ChatClient

@Suite struct LineSplitterTests {
    @Test(arguments: 1...7)
    func `Lines are the same however the reads cut them`(size: Int) {
        let bytes = Array("one\r\ntwé\n\n日本".utf8)
        var splitter = LineSplitter()
        var pieces: [LineSplitter.Piece] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            pieces += splitter.append(bytes[start..<min(start + size, bytes.count)])
        }
        if let last = splitter.finish() { pieces.append(last) }
        #expect(pieces == [.line("one"), .line("twé"), .line(""), .line("日本")])
        #expect(splitter.finish() == nil)
    }

    @Test func `A line that is too long is reported once and skipped`() {
        var splitter = LineSplitter()
        var pieces: [LineSplitter.Piece] = []
        for _ in 0..<3 { pieces += splitter.append(repeatElement(UInt8(ascii: "x"), count: LineSplitter.longest)) }
        pieces += splitter.append(Array("x\nnext\n".utf8))
        #expect(pieces == [.tooLong, .line("next")])
    }

    @Test func `What is no UTF-8 is repaired`() {
        var splitter = LineSplitter()
        #expect(splitter.append([0x61, 0xFF, 0x0A]) == [.line("a\u{FFFD}")])
    }
}
