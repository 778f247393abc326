import Testing

@testable import ChatClient

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("日本語", 6), ("ｆｕｌｌ", 8), ("한국", 4), ("e\u{301}", 1), ("é", 1), ("👋", 2), ("👋🏽", 2),
        ("👩\u{200D}💻", 2), ("🇩🇪", 2), ("❤", 1), ("❤\u{FE0F}", 2), ("㎏", 2), ("ñ", 1), ("→", 1), ("⌚", 2), ("𠀀", 2),
        ("ｱ", 1), ("\u{200B}", 0), ("น้ำ", 2), ("\u{7}", 0),
    ])
    func `Text takes as many cells as terminals give it`(text: String, cells: Int) {
        #expect(DisplayWidth.of(text) == cells)
    }
}
