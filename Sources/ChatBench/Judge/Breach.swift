/// One violation of a guarantee, with enough data to find it in the history.
struct Breach: Equatable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// An acknowledged message is not in its room's log.
        case lost = "acknowledged message lost"
        /// A client saw a message that its room's log does not have.
        case unstored = "shown but not in the log"
        /// A member did not get a message of its room.
        case missed = "message missed"
        /// A resume, or the first history of a room, left something out.
        case hole = "hole in a resume"
        case repeated = "shown twice"
        case outOfOrder = "out of order"
        case ackOutOfPlace = "acknowledged out of place"
        /// Two clients saw different messages at the same place.
        case disagreement = "two messages in one place"
        /// One message has two places.
        case twoPlaces = "one message in two places"
        case wrongRoom = "in the wrong room"
        case notMember = "shown to who is not in the room"
        case unknown = "nobody sent it"
        case altered = "not as it was sent"
        case wrongReader = "private message to the wrong one"
        case privateLost = "private message lost"
        case wrongPage = "history page is wrong"
        /// A `gap` names messages that the log still has.
        case falseGap = "declared lost, but retained"
        /// A client was not told that the log has been replaced.
        case undeclared = "another epoch, not declared as truncated"
        case wrongList = "wrong list"
        case missingNotice = "notice missing"
        case falseNotice = "false notice"
        case refused = "refused without cause"
        case unsettled = "not settled in time"
        case unreadable = "the log could not be read"
        case protocolViolation = "not in the protocol"
    }

    var kind: Kind
    var client: String
    var room: String?
    var id: String?
    var sequence: UInt64?
    /// The time at which it was noticed, and the time of the other event that contradicts it.
    var at: Moment?
    var earlier: Moment?
    var words = ""
}

extension Breach {
    init(
        _ kind: Kind, _ client: String, _ sighting: Sighting, at: Moment, earlier: Moment? = nil, words: String = ""
    ) {
        self.init(
            kind: kind, client: client, room: sighting.message.room, id: sighting.message.id,
            sequence: sighting.sequence, at: at, earlier: earlier, words: words)
    }
}

extension Breach: CustomStringConvertible {
    var description: String {
        var text = "\(kind.rawValue): \(client)"
        if let room { text += ", room \(room)" }
        if let id { text += ", id \(id)" }
        if let sequence { text += ", seq \(sequence)" }
        if let at { text += ", at \(at)" }
        if let earlier { text += ", earlier at \(earlier)" }
        return words.isEmpty ? text : text + ": " + words
    }
}

/// The violations: all are counted, and the first of each kind are kept.
struct Breaches: Equatable, Sendable {
    /// A server that loses one message often loses thousands; ten of a kind are as informative.
    static let keptPerKind = 10

    private(set) var counts: [Breach.Kind: Int] = [:]
    private(set) var kept: [Breach] = []

    var isEmpty: Bool { counts.isEmpty }
    var total: Int { counts.values.reduce(0, +) }

    mutating func add(_ breach: Breach) {
        let count = counts[breach.kind, default: 0] + 1
        counts[breach.kind] = count
        if count <= Self.keptPerKind { kept.append(breach) }
    }
}
