import Testing
import WebSocketRules

struct ExtensionHeaderTests {
    private typealias Element = ExtensionHeader.Element

    @Test(
        arguments: [
            ([], []),
            ([""], []),
            ([" , ,"], []),
            (["a"], [.init("a")]),
            (["a, b", "c"], [.init("a"), .init("b"), .init("c")]),
            (["a;x"], [.init("a", [.init("x")])]),
            (["a ; x = 1;y ,b"], [.init("a", [.init("x", "1"), .init("y")]), .init("b")]),
            (["a; x=\"10\""], [.init("a", [.init("x", "10")])]),
            (["a; x=\"1\\0\" ; y"], [.init("a", [.init("x", "10"), .init("y")])]),
        ] as [([String], [ExtensionHeader.Element])])
    func `extensions stand in their order, with their parameters`(values: [String], elements: [ExtensionHeader.Element])
    {
        #expect(ExtensionHeader(values)?.elements == elements)
    }

    @Test(
        arguments: [
            ";", "a;", "a;;b", "a b", "a; x=", "a; x=\"", "a; x=\"\"", "a; x=\"1", "a; x=\"1\\", "a; x=\"1 2\"",
            "a; x=\"1\"2", "a; =1", "=1", "a; x=1=2", "é", "a; x=\"é\"", "a\u{0}",
        ])
    func `what breaks the grammar is nothing`(value: String) {
        #expect(ExtensionHeader([value]) == nil)
        #expect(ExtensionHeader(["a", value]) == nil)
    }
}
