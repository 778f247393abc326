import Service
import Testing

@testable import InfrastructureEmbedded

struct SortedNamesTests {
    private func sorted(_ names: some Sequence<String>) -> [String] {
        names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private func all(_ names: SortedNames, by limit: Int) -> [String] {
        var found: [String] = []
        var page: ListPage<String>
        repeat {
            page = names.page(ListRange(after: found.last, limit: limit))
            found += page.elements
        } while page.more && !page.elements.isEmpty
        return found
    }

    @Test(arguments: [1, 2, 7, 999, 1000])
    func `whatever comes and goes, the parts together are the whole, in order`(limit: Int) {
        var names = SortedNames()
        var truth: Set<String> = []
        for round in 0..<6000 {
            let name = ["a", "Z", "日", "\u{FF5E}", "😀"][Int.random(in: 0..<5)] + "\(Int.random(in: 0..<1500))"
            // First there are more and more, and then fewer.
            if Int.random(in: 0..<6000) > round {
                names.insert(name)
                truth.insert(name)
            } else {
                names.remove(name)
                truth.remove(name)
            }
            #expect(names.count == truth.count)
        }
        #expect(all(names, by: limit) == sorted(truth))
        for name in truth { names.remove(name) }
        #expect(names.count == 0)
        #expect(names.page(ListRange()) == ListPage(elements: [], more: false, total: 0))
    }

    @Test func `a part begins after any text, whether it is a name or not`() {
        var names = SortedNames()
        for name in ["b", "d", "é"] { names.insert(name) }
        func first(after text: String?) -> String? { names.page(ListRange(after: text, limit: 1)).elements.first }
        #expect(first(after: nil) == "b")
        #expect(first(after: "") == "b")
        #expect(first(after: "a") == "b")
        #expect(first(after: "b") == "d")
        #expect(first(after: "c") == "d")
        #expect(first(after: "e\u{301}") == "é")  // the same to Swift, and other bytes
        #expect(first(after: "é") == nil)
        #expect(first(after: "日") == nil)
    }

    @Test func `a part says whether there is more, and how long the whole is`() {
        var names = SortedNames()
        for number in 0..<3 { names.insert("\(number)") }
        #expect(names.page(ListRange(limit: 2)) == ListPage(elements: ["0", "1"], more: true, total: 3))
        #expect(names.page(ListRange(after: "0", limit: 2)) == ListPage(elements: ["1", "2"], more: false, total: 3))
        #expect(names.page(ListRange(after: "2")) == ListPage(elements: [], more: false, total: 3))
    }

    @Test func `a hundred thousand names are read in parts`() {
        var names = SortedNames()
        let truth = (0..<100_000).map { "user-\($0)" }
        for name in truth.shuffled() { names.insert(name) }
        #expect(names.count == 100_000)
        #expect(all(names, by: 1000) == sorted(truth))
    }

    @Test func `a range asks for something, and for no more than a thousand`() {
        #expect(ListRange(limit: 0).limit == 1)
        #expect(ListRange(limit: .max).limit == 1000)
        #expect(ListRange().limit == 1000)
    }
}
