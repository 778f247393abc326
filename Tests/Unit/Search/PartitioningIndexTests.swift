import Search
import Testing

struct PartitioningIndexTests {
    @Test func `it is the first index that a look at every element finds`() {
        for count in 0...33 {
            let numbers = (0..<count).map { 2 * $0 }
            for bound in -1...2 * count + 1 {
                let expected = numbers.firstIndex { $0 >= bound } ?? numbers.endIndex
                #expect(numbers.partitioningIndex { $0 >= bound } == expected)
            }
        }
    }

    @Test func `of a slice it is an index of the slice`() {
        let slice = [0, 1, 2, 3, 4, 5, 6, 7][3..<6]
        #expect(slice.partitioningIndex { $0 >= 0 } == 3)
        #expect(slice.partitioningIndex { $0 >= 5 } == 5)
        #expect(slice.partitioningIndex { $0 >= 9 } == 6)
        #expect(slice.prefix(0).partitioningIndex { _ in true } == 3)
    }

    @Test(arguments: [1, 2, 1000, 1024, 100_000])
    func `it looks at few elements`(count: Int) {
        var looks = 0
        _ = (0..<count).partitioningIndex { number in
            looks += 1
            return number >= count / 3
        }
        #expect(looks <= Int.bitWidth - count.leadingZeroBitCount)
    }
}
