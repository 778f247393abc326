import Testing

@testable import Service

struct RingTests {
    @Test(
        arguments: [
            (0, []), (1, [0]), (3, [0, 1, 2]), (4, [1, 2, 3]), (7, [4, 5, 6]), (9, [6, 7, 8]),
        ] as [(Int, [Int])])
    func `the newest are kept, oldest first`(count: Int, kept: [Int]) {
        var ring = Ring<Int>(capacity: 3)
        for number in 0..<count { ring.append(number) }
        #expect(ring.elements == kept)
    }

    @Test func `one is kept at the least`() {
        var ring = Ring<Int>(capacity: 0)
        ring.append(1)
        ring.append(2)
        #expect(ring.elements == [2])
    }
}
