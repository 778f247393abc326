/// The counts that one client got of the users who entered one room, or of those who left it.
struct MergedNotices {
    struct Key: Hashable {
        var observer: Int
        var room: String
        var isJoin: Bool
    }

    /// A user who entered or left, and was not named.
    struct Change {
        var client: Int
        var at: Moment
        /// The time within which a count must include the user.
        var window: ClosedRange<Moment>
    }

    private var counts: [(at: Moment, count: Int)] = []

    /// In the order of their arrival.
    mutating func add(_ count: Int, at moment: Moment) { counts.append((moment, count)) }

    /// The users who are in no count, if each count is used for the users with the earliest deadlines first. No other
    /// assignment leaves fewer.
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
