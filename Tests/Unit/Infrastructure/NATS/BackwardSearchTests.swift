import Testing

@testable import InfrastructureNATS

struct BackwardSearchTests {
    /// Where the subject's entries stand in a stream of a million messages.
    enum Spread: CaseIterable {
        case even, onlyOld, onlyNew, bursts, dense, oneOld

        var places: [UInt64] {
            switch self {
            case .even: stride(from: 1, through: 1_000_000, by: 97).map { $0 }
            case .onlyOld: Array(1...9000)
            case .onlyNew: Array(991_001...1_000_000)
            case .bursts: (0..<20).flatMap { burst in (0..<500).map { UInt64(burst * 50_000 + $0 + 1) } }
            case .dense: Array(1...1_000_000)
            case .oneOld: [1] + Array(999_000...1_000_000)
            }
        }
    }

    /// - Returns: how many entries are read, and how often was counted.
    private func search(
        _ places: [UInt64], bound: UInt64, wanted: Int, error: Int = 0
    ) -> (read: Int, counts: Int, isWhole: Bool) {
        func count(from place: UInt64) -> UInt64 {
            UInt64(max(0, places.count - places.partitioningIndex { $0 >= place } + error))
        }
        var search = BackwardSearch(
            first: 1, last: 1_000_000, bound: bound, wanted: wanted, total: UInt64(places.count),
            beyond: count(from: bound))
        var counts = 0
        while !search.isFound {
            counts += 1
            search.counted(count(from: search.place))
        }
        let end = places.partitioningIndex { $0 >= bound }
        return (end - places.partitioningIndex { $0 >= search.place }, counts, search.place <= 1)
    }

    @Test(arguments: Spread.allCases, [1, 50, 101, 1001])
    func `enough is read, not many times more, and soon found`(spread: Spread, wanted: Int) {
        let places = spread.places
        for bound: UInt64 in [1, 2, 500, 8000, 500_001, 999_500, 1_000_001] {
            let available = places.partitioningIndex { $0 >= bound }
            let (read, counts, isWhole) = search(places, bound: bound, wanted: wanted)
            #expect(read >= min(wanted, available), "\(spread) before \(bound)")
            #expect(read <= 2 * wanted + 64 || isWhole && read <= available, "\(spread) before \(bound): \(read)")
            #expect(read <= 2 * wanted + 64, "\(spread) before \(bound): \(read)")
            #expect(counts <= 32, "\(spread) before \(bound)")
        }
    }

    @Test(arguments: Spread.allCases, [-3, -1, 1, 3])
    func `counts that are off by a few lead nearly to the same place`(spread: Spread, error: Int) {
        let places = spread.places
        for bound: UInt64 in [500, 500_001, 1_000_001] {
            let available = places.partitioningIndex { $0 >= bound }
            let (read, counts, _) = search(places, bound: bound, wanted: 101, error: error)
            #expect(read >= min(101, available) - 3 && read <= 2 * 101 + 64 + 3, "\(spread) before \(bound): \(read)")
            #expect(counts <= 64)
        }
    }

    @Test func `where fewer came than were counted the search goes on further back, to the front at last`() {
        var search = BackwardSearch(first: 1, last: 1_000_000, bound: 1_000_001, wanted: 100, total: 500_000, beyond: 0)
        var last = UInt64.max
        var rounds = 0
        repeat {
            while !search.isFound { search.counted(150) }
            #expect(search.place < last)
            last = search.place
            search.cameUpShort(0)
            rounds += 1
        } while last > 1 && rounds < 100
        #expect(last == 1 && search.isFound)
    }
}

extension [UInt64] {
    /// The first index from which on all elements satisfy the predicate; they are sorted by it.
    fileprivate func partitioningIndex(where predicate: (UInt64) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
