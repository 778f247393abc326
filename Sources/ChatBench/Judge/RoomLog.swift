import Search
import Wire

/// A room's messages in one incarnation of its log, combined from what all clients saw.
struct RoomLog: Sendable {
    struct Key: Hashable, Sendable {
        var room: String
        var epoch: String
    }

    /// What the last reader found. Nil for the log of an earlier epoch, and if no reader succeeded.
    struct Reading: Sendable {
        var sequences: Set<UInt64> = []
        var first: UInt64?
        var last: UInt64 = 0
        /// Older messages may have been dropped because of their age or number.
        var isTrimmed = false
    }

    let key: Key
    /// Ascending; the places at which clients may expect messages.
    private(set) var order: [Sighting] = []
    private(set) var reading: Reading?
    private var places: [UInt64: Message] = [:]

    init(key: Key) { self.key = key }

    /// Records that `message` is at `sequence`.
    /// - Returns: the message that was recorded there before, if it is another one.
    mutating func note(_ message: Message, at sequence: UInt64) -> (isNew: Bool, other: Message?) {
        if let known = places[sequence] {
            return (false, known === message || known.id.hasSameBytes(as: message.id) ? nil : known)
        }
        places[sequence] = message
        return (true, nil)
    }

    func message(at sequence: UInt64) -> Message? { places[sequence] }

    mutating func read(_ page: Page, retained: Int) {
        var reading = reading ?? Reading()
        for sighting in page.messages {
            reading.sequences.insert(sighting.sequence)
            reading.first = min(reading.first ?? .max, sighting.sequence)
            reading.last = max(reading.last, sighting.sequence)
        }
        if page.truncated || reading.sequences.count >= retained { reading.isTrimmed = true }
        self.reading = reading
    }

    /// Whether the log must still have the message of `sequence`.
    func mustHold(_ sequence: UInt64) -> Bool {
        guard let reading else { return false }
        if !reading.isTrimmed { return true }
        return reading.first.map { sequence >= $0 } ?? false
    }

    /// Whether the log is known to lack it, although it must have it.
    func lacks(_ sequence: UInt64) -> Bool {
        mustHold(sequence) && reading?.sequences.contains(sequence) == false
    }

    /// Call this once everything is recorded and read. A message that the log should have and lacks is reported
    /// elsewhere, and no client is expected to have it.
    mutating func settle() {
        order = places.filter { !lacks($0.key) }.map { Sighting(message: $0.value, sequence: $0.key) }
        order.sort { $0.sequence < $1.sequence }
    }

    /// The messages strictly between two places.
    func between(_ low: UInt64, _ high: UInt64) -> ArraySlice<Sighting> {
        guard low < high else { return [] }
        let start = firstIndex(beyond: low)
        return order[start...].prefix { $0.sequence < high }
    }

    func after(_ sequence: UInt64) -> ArraySlice<Sighting> { order[firstIndex(beyond: sequence)...] }

    func before(_ sequence: UInt64) -> ArraySlice<Sighting> {
        sequence == 0 ? [] : order[..<firstIndex(beyond: sequence - 1)]
    }

    private func firstIndex(beyond sequence: UInt64) -> Int { order.partitioningIndex { $0.sequence > sequence } }
}
