import Domain
import Testing

@testable import Service

struct ListPageTests {
    @Test(
        arguments: [
            (6, ["aa", "bb", "cc"], false), (5, ["aa", "bb"], true), (4, ["aa", "bb"], true), (2, ["aa"], true),
            (1, ["aa"], true), (0, ["aa"], true),
        ])
    func `what takes too many bytes is left for the next page, but never everything`(
        bytes: Int, names: [String], more: Bool
    ) {
        let page = ListPage(elements: ["aa", "bb", "cc"], more: false, total: 9)
        #expect(
            page.bounded(to: bytes) { $0.utf8.count } == ListPage(elements: names, more: more, total: 9))
    }

    @Test func `a page that is short enough stays as it is`() {
        let empty = ListPage<String>(elements: [], more: false, total: 0)
        #expect(empty.bounded(to: 0) { $0.utf8.count } == empty)
        let one = ListPage(elements: ["long"], more: false, total: 1)
        #expect(one.bounded(to: 0) { $0.utf8.count } == one)
        let part = ListPage(elements: ["a"], more: true, total: 2)
        #expect(part.bounded(to: 1) { $0.utf8.count } == part)
    }
}

struct ListRangeTests {
    @Test(arguments: ["a", "team-", "\u{E000}", "日本", "\u{10FFFF}", "a\u{0}", "a\u{1}"])
    func `a range may begin with a text, and has nothing that comes before it`(text: String) throws {
        let after = try #require(ListRange(from: text, after: nil, limit: 1).after)
        #expect(after.utf8.lexicographicallyPrecedes(text.utf8))
        // The greatest name that comes before it: no longer than a name can be.
        let scalars = Array(text.unicodeScalars)
        let last = try #require(scalars.last)
        guard last.value > 0 else { return }
        var before = String.UnicodeScalarView(scalars.dropLast())
        before.append(try #require(Unicode.Scalar(last.value == 0xE000 ? 0xD7FF : last.value - 1)))
        let name = String(before) + String(repeating: "\u{10FFFF}", count: RoomName.maximumLength - scalars.count)
        #expect(name.utf8.lexicographicallyPrecedes(after.utf8))
    }

    @Test func `it goes on where an earlier page ended`() {
        #expect(ListRange(from: "b", after: "bc", limit: 1).after == "bc")
        #expect(ListRange(from: "b", after: "a", limit: 1).after?.hasPrefix("a\u{10FFFF}") == true)
        #expect(ListRange(from: "", after: nil, limit: 1).after == nil)
        #expect(ListRange(from: "", after: "a", limit: 1).after == "a")
    }
}
