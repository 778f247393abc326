import Testing
import Wire

struct WellFormedTextTests {
    private func text(_ bytes: [UInt8]) -> String? { bytes.withUnsafeBufferPointer { String(wellFormed: $0) } }

    @Test(arguments: ["", "a", "fifteen bytes..", "more than fifteen bytes", "日本語", "👩‍👩‍👧‍👦", "\u{FFFD}", "e\u{301}\u{0}"])
    func `what is UTF-8 is read as it is`(_ expected: String) {
        let read = text(Array(expected.utf8))
        #expect(read.map { Array($0.utf8) } == Array(expected.utf8))
    }

    // The first three are replaced by text that is just as long.
    @Test(
        arguments: [
            [0xF0, 0x9F, 0x98], [0x61, 0xF0, 0x9F, 0x98, 0x61], [0xE2, 0x82, 0xE2, 0x82, 0xE2, 0x82], [0xFF], [0x80],
            [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], Array("long enough for the heap".utf8) + [0xC3],
        ] as [[UInt8]])
    func `what is not UTF-8 is nothing`(_ bytes: [UInt8]) {
        #expect(text(bytes) == nil)
        #expect(text(bytes) == String(validating: bytes, as: UTF8.self))
    }
}
