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

    @Test(arguments: 1...4)
    func `A byte order mark at the beginning is part of no line, anywhere else it is text`(size: Int) {
        let bytes = Array("\u{FEFF}one\n\u{FEFF}two\n".utf8)
        var splitter = LineSplitter()
        var pieces: [LineSplitter.Piece] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            pieces += splitter.append(bytes[start..<min(start + size, bytes.count)])
        }
        #expect(pieces == [.line("one"), .line("\u{FEFF}two")])
        var short = LineSplitter()
        #expect(short.append(Array("\u{FEFF}".utf8)).isEmpty)
        #expect(short.finish() == .line(""))
    }

    @Test func `What is no UTF-8 is repaired`() {
        var splitter = LineSplitter()
        #expect(splitter.append([0x61, 0xFF, 0x0A]) == [.line("a\u{FFFD}")])
    }
}
