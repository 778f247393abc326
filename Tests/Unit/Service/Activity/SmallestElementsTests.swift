import Testing

@testable import Service

struct SmallestElementsTests {
    @Test(
        arguments: [
            ([], 2, [], false), ([2, 1], 2, [1, 2], false), ([3, 1, 2], 2, [1, 2], true),
            ([1, 2, 3], 2, [1, 2], true),
            ([5, 5, 5], 2, [5, 5], true), ([9, 8, 7, 6], 1, [6], true),
        ] as [([Int], Int, [Int], Bool)])
    func `the smallest are kept in order, and it is known whether there were more`(
        all: [Int], limit: Int, kept: [Int], isCut: Bool
    ) {
        var smallest = SmallestElements<Int>(limit: limit, by: <)
        for element in all { smallest.insert(element) }
        #expect(smallest.elements == kept)
        #expect(smallest.isCut == isCut)
    }
}
