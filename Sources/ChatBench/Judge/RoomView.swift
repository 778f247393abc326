/// What one client has seen of one room, from the first entrance over any number of resumes: which messages it must
/// get, and whether they came once and in order.
///
/// Pure: it is told what the client saw and returns violations.
struct RoomView {
    /// How a message reached the client.
    enum Way: Equatable {
        case live
        /// Within the history that follows `joined`.
        case recovered
        /// As the acknowledgement of the client's own message.
        case acknowledged
    }

    private struct Missing {
        var at: Moment
        var way: Way
    }

    /// Greatest size of a history frame.
    private static let pageBytes = 256 * 1024

    private let client: String
    private(set) var epoch: String
    private(set) var isInside = true
    /// The last message that was seen, shown or first acknowledged.
    private(set) var cursor: UInt64
    /// Messages from before the beginning of the view are not expected.
    private var floor: UInt64
    /// Between `joined` and the last frame of its history.
    private var entrance: Entrance?
    private var recoveredCount = 0
    /// Skipped so far; they may still come out of order.
    private var missing: [UInt64: Missing] = [:]

    init(client: String, entrance: Entrance) {
        self.client = client
        epoch = entrance.epoch
        // Until the first history frame says where the view begins.
        cursor = entrance.lastSequence
        floor = entrance.lastSequence
        self.entrance = entrance
    }

    var isRecovering: Bool { entrance != nil }

    /// Continues where it stopped, if the server does, too; otherwise the client begins again.
    /// - Returns: whether it continues.
    mutating func resume(_ entrance: Entrance) -> Bool {
        guard let after = entrance.after, entrance.goesOn, entrance.epoch == epoch else { return false }
        cursor = after
        isInside = true
        recoveredCount = 0
        self.entrance = entrance
        return true
    }

    mutating func leave() {
        isInside = false
        entrance = nil
    }

    // MARK: Messages

    /// A history frame of the current entrance.
    mutating func recover(_ page: Page, log: RoomLog?, at: Moment, ownAcks: TextSet, breaches: inout Breaches) {
        guard let entrance else {
            let words = "a history frame of \(page.room) that nobody asked for"
            return breaches.add(
                Breach(kind: .protocolViolation, client: client, room: page.room, at: at, words: words))
        }
        let isResume = entrance.goesOn
        if let after = entrance.after, !isResume, !page.truncated {
            let asked = "\(entrance.askedEpoch ?? "none") at \(after)"
            let given = "\(entrance.epoch) at \(entrance.lastSequence)"
            breaches.add(
                Breach(
                    kind: .undeclared, client: client, room: page.room, at: at,
                    words: "it stopped in \(asked), and begins anew in \(given)"))
        }
        if let first = page.messages.first, recoveredCount == 0 {
            if !isResume {
                floor = first.sequence > 0 ? first.sequence - 1 : 0
                cursor = floor
            } else if page.truncated {
                // Only messages before the first one in the frame may be lost.
                cursor = max(cursor, first.sequence > 0 ? first.sequence - 1 : 0)
            }
        } else if page.messages.isEmpty, recoveredCount == 0, page.truncated, isResume {
            cursor = max(cursor, entrance.lastSequence)
        }
        for sighting in page.messages {
            see(sighting, .recovered, log: log, at: at, ownAcks: ownAcks, breaches: &breaches)
        }
        recoveredCount += page.messages.count
        // Otherwise `more` is about older messages.
        if isResume, page.more { return }
        if !isResume { checkLength(of: entrance, page, log: log, at: at, breaches: &breaches) }
        self.entrance = nil
    }

    /// A first history is as long as requested, unless there is no more, or it would be very large.
    private func checkLength(
        of entrance: Entrance, _ page: Page, log: RoomLog?, at: Moment, breaches: inout Breaches
    ) {
        let wanted = entrance.after == nil ? entrance.history : 0
        let bytes = page.messages.reduce(0) { $0 + $1.message.content.utf8.count + 200 }
        guard page.messages.count < wanted, bytes < Self.pageBytes / 2, let log else { return }
        guard let older = log.before(floor == .max ? floor : floor + 1).last, log.mustHold(older.sequence) else {
            return
        }
        let words =
            "\(page.messages.count) of the \(wanted) latest messages, though \(older.sequence) came before them"
        breaches.add(Breach(.hole, client, older, at: at, words: words))
    }

    /// A message came, or the first acknowledgement of the client's own message.
    /// - Parameter ownAcks: ids of the client's own messages that were acknowledged at any time.
    mutating func see(
        _ sighting: Sighting, _ way: Way, log: RoomLog?, at: Moment, ownAcks: TextSet, breaches: inout Breaches
    ) {
        let sequence = sighting.sequence
        guard sequence > cursor else { return complain(sighting, way, at: at, breaches: &breaches) }
        if let log {
            for skipped in log.between(cursor, sequence) where skipped.message !== sighting.message {
                // A repeated message whose first try was stored is acknowledged and need not be shown; a resume would
                // have to show it.
                if way != .recovered, ownAcks.contains(skipped.message.id) { continue }
                missing[skipped.sequence] = Missing(at: at, way: way)
            }
        }
        cursor = sequence
    }

    private mutating func complain(_ sighting: Sighting, _ way: Way, at: Moment, breaches: inout Breaches) {
        let breach: Breach
        if let gap = missing.removeValue(forKey: sighting.sequence) {
            let isAboutAck = gap.way == .acknowledged || way == .acknowledged
            breach = Breach(
                isAboutAck ? .ackOutOfPlace : .outOfOrder, client, sighting, at: at, earlier: gap.at,
                words: "something later came before it")
        } else if way == .acknowledged {
            breach = Breach(.ackOutOfPlace, client, sighting, at: at, words: "\(cursor) was seen before")
        } else if sighting.sequence > floor {
            breach = Breach(.repeated, client, sighting, at: at, words: "\(cursor) was seen before")
        } else {
            breach = Breach(
                .outOfOrder, client, sighting, at: at, words: "it stands before all that the client was to see")
        }
        breaches.add(breach)
    }

    /// The server declares that nothing is left between two places.
    mutating func declare(
        gapAfter low: UInt64, before high: UInt64, log: RoomLog?, at: Moment, breaches: inout Breaches
    ) {
        if let log, let retained = log.between(low, high).first(where: { log.mustHold($0.sequence) }) {
            breaches.add(Breach(.falseGap, client, retained, at: at))
        }
        if high > 0 { cursor = max(cursor, high - 1) }
    }

    /// For a client that was in the room to the end, the epoch counts in which the room was read at the end.
    func checkEpoch(isLast epoch: String, room: String, at: Moment, breaches: inout Breaches) {
        guard isInside, self.epoch != epoch else { return }
        breaches.add(
            Breach(
                kind: .undeclared, client: client, room: room, at: at,
                words: "it was left in \(self.epoch), while the room is read in \(epoch)"))
    }

    /// The view is over, or a new one begins: messages that were skipped will not come any more.
    /// - Parameter mustBeComplete: the client was in the room when everything had been settled for a long time.
    func finish(log: RoomLog?, at: Moment, mustBeComplete: Bool, ownAcks: TextSet, breaches: inout Breaches) {
        guard let log else { return }
        for (sequence, gap) in missing.sorted(by: { $0.key < $1.key }) {
            let sighting = log.between(sequence - 1, sequence + 1).first
            breaches.add(
                Breach(
                    kind: gap.way == .recovered ? .hole : .missed, client: client, room: log.key.room,
                    id: sighting?.message.id, sequence: sequence, at: gap.at, words: "what came after it was shown"))
        }
        guard mustBeComplete, isInside else { return }
        for sighting in log.after(cursor) where !ownAcks.contains(sighting.message.id) {
            breaches.add(Breach(.missed, client, sighting, at: at, words: "the client stayed, and it never came"))
        }
    }
}
