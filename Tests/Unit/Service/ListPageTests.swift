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
