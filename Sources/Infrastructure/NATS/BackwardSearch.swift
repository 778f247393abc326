/// Where to begin to read forward, so that the newest entries of a subject before some place come, and not many more.
///
/// JetStream cannot read backwards, and knows only how many entries a subject has beyond a place. So the place is
/// searched: first guessed from how dense the subject's entries are on the whole, then narrowed down between what was
/// too much and what was too little. A pure value: the caller counts.
struct BackwardSearch {
    /// At or beyond it everything retained stands.
    private let first: UInt64
    private let wanted: UInt64
    /// Entries at or beyond the place before which the wanted ones stand: every count includes them.
    private let beyond: UInt64
    /// The nearest place known to have too few entries, and how many.
    private var high: (place: UInt64, count: UInt64)
    /// The nearest place known to have too many.
    private var low: (place: UInt64, count: UInt64)
    private var steps = 0
    /// The place to be counted from next, or to read from.
    private(set) var place: UInt64
    private(set) var isFound = false

    /// - Parameters:
    ///   - total: all entries of the subject, between `first` and `last`.
    ///   - beyond: those of them at or beyond `bound`.
    init(first: UInt64, last: UInt64, bound: UInt64, wanted: Int, total: UInt64, beyond: UInt64) {
        self.first = first
        self.wanted = UInt64(wanted)
        self.beyond = beyond
        high = (bound, 0)
        low = (first, total > beyond ? total - beyond : 0)
        place = first
        guard low.count > Self.enough(self.wanted), bound > first else {
            isFound = true
            return
        }
        // The first guess: as if the subject's entries were spread evenly.
        let span = max(Double(last) + 1 - Double(first), 1)  // not by integers: the figures come from outside
        let distance = span / Double(total) * Double(self.wanted) * 1.5
        place = distance < Double(bound - first) ? bound - max(UInt64(distance), 1) : first
    }

    /// As many are read at the most, where they are as many as the counts say.
    static func enough(_ wanted: UInt64) -> UInt64 { 2 * wanted + 64 }

    /// From ``place`` on the subject has so many entries, in all.
    mutating func counted(_ count: UInt64) {
        let count = count > beyond ? count - beyond : 0
        steps += 1
        if count < wanted {
            tooFew(count)
        } else if count <= Self.enough(wanted) || high.place - place <= 1 {
            isFound = true
        } else {
            low = (place, count)
            narrow()
        }
    }

    /// Fewer came than were wanted, whatever was counted: looks further back.
    mutating func cameUpShort(_ count: Int) { tooFew(UInt64(count)) }

    private mutating func tooFew(_ count: UInt64) {
        isFound = place <= first  // there are no more
        guard !isFound else { return }
        high = (place, count)
        narrow()
    }

    private mutating func narrow() {
        let width = high.place - low.place
        guard width > 1, steps < 64 else {
            place = low.place
            isFound = true
            return
        }
        // Where entries come in bursts, guessing by proportion may creep: every other step halves.
        let missing = 1.5 * Double(wanted) - Double(high.count)
        let share = missing / Double(max(low.count, high.count + 1) - high.count)
        let distance = Double(width) * (steps.isMultiple(of: 2) ? 0.5 : share)
        place = min(max(high.place - UInt64(min(max(distance, 1), Double(width))), low.place + 1), high.place - 1)
    }
}
