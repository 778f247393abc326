/// What one client was told in numbers of those who came to one room, or of those who left it.
struct MergedNotices {
    struct Key: Hashable {
        var observer: Int
        var room: String
        var isJoin: Bool
    }

    /// One who came or left, and was not named.
    struct Change {
        var client: Int
        var at: Moment
        /// Within which a count must tell of it.
        var window: ClosedRange<Moment>
    }

    private var counts: [(at: Moment, count: Int)] = []

    /// In the order in which they came.
    mutating func add(_ count: Int, at moment: Moment) { counts.append((moment, count)) }

    /// Those for whom nothing is left, when each count is used up by those who can wait the least. No other way of giving
    /// them out leaves fewer.
    func uncounted(among changes: [Change]) -> [Change] {
        var coming = changes.sorted { $0.window.lowerBound < $1.window.lowerBound }[...]
        var waiting: [Change] = []
        var uncounted: [Change] = []
        for (moment, count) in counts {
            while let change = coming.first, change.window.lowerBound <= moment {
                waiting.append(change)
                coming.removeFirst()
            }
            uncounted += waiting.filter { $0.window.upperBound < moment }
            waiting.removeAll { $0.window.upperBound < moment }
            waiting.sort { $0.window.upperBound < $1.window.upperBound }
            waiting.removeFirst(min(count, waiting.count))
        }
        return uncounted + waiting + coming
    }
}
