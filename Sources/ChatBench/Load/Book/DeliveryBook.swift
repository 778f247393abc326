/// Records what was sent and received: latencies, and everything that was lost, repeated or out of order.
///
/// Pure, so that it can be tested; the caller passes the time.
struct DeliveryBook: ~Copyable {
    struct Counts: Equatable, Sendable {
        var sent = 0
        /// The sent messages that must be answered: none in the classic dialect.
        var answerable = 0
        var acknowledged = 0
        /// By error code.
        var refused: [String: Int] = [:]
        /// Messages that were not sent because their senders' connections were gone.
        var skipped = 0
        var deliveries = 0
        /// Frames without a message of this run.
        var otherFrames = 0
        /// `gap`s, in which a server reports a loss.
        var gaps = 0
        var repeated = 0
        var disordered = 0
        /// Messages that were never sent, or came to a connection outside of their room; answers that came to another
        /// connection than the sender's.
        var strangers = 0
    }

    let plan: LoadPlan
    private(set) var schedule = Schedule(start: 0, rate: 1, warmup: 0, seconds: 0)
    private(set) var table: DeliveryTable
    private(set) var counts = Counts()
    /// From the time a message was due until a member had it.
    private(set) var delivery = LatencyRecord()
    /// From the time a message was due until the last member had it.
    private(set) var round = LatencyRecord()
    /// From the time a message was due until its sender had the answer.
    private(set) var ack = LatencyRecord()
    /// How late messages were sent: a delay of the load generator itself, unless it had to wait for memory.
    private(set) var lateness = LatencyRecord()

    /// The latest `seq` that each member has seen in its room.
    private let latest: UnsafeMutablePointer<UInt64>
    /// The members that are gone, by room.
    private var gone: [Int: Set<Int>] = [:]

    /// - Parameter capacity: how many messages can be under way.
    init(plan: LoadPlan, capacity: Int) {
        self.plan = plan
        table = DeliveryTable(membersPerRoom: plan.membersPerRoom, capacity: capacity)
        latest = .allocate(capacity: max(plan.members, 1))
        latest.initialize(repeating: 0, count: max(plan.members, 1))
    }

    deinit { latest.deallocate() }

    /// As many messages as fit into 128 MiB of records, and not more than is reasonable to wait for.
    static func capacity(membersPerRoom: Int) -> Int {
        min(1 << 17, max(1 << 10, (128 << 20) / ((membersPerRoom + 63) / 64 * 8)))
    }

    mutating func start(_ schedule: Schedule) { self.schedule = schedule }

    /// A message is sent, under the number `table.next`; the table is not full.
    /// - Parameters:
    ///   - sender: the room, and the sending member in it.
    ///   - due: the time at which it was due.
    ///   - isAnswered: whether the sender's dialect has acknowledgements.
    mutating func begin(from sender: (room: Int, place: Int), due: Int64, isAnswered: Bool, at now: Int64) -> Int {
        let isMeasured = schedule.isMeasured(due)
        let absent = gone[sender.room, default: []]
        // A floor sends to all members; otherwise the sender does not get its own message.
        let holders = plan.dialect == .bare ? absent : absent.union([sender.place])
        let number = table.begin(
            room: sender.room, sender: sender.place, due: due, isMeasured: isMeasured, heldBy: holders)
        if isMeasured, plan.dialect != .bare { lateness.record(nanoseconds: now - due) }
        counts.sent += 1
        if isAnswered { counts.answerable += 1 } else { _ = table.answer(number, .acknowledged) }
        return number
    }

    /// The sender of the next message is gone: the message is skipped.
    mutating func skip(due: Int64) {
        let (room, place) = plan.sender(ofMessage: table.next)
        let number = table.begin(room: room, sender: place, due: due, isMeasured: false, heldBy: EmptyCollection())
        _ = table.answer(number, .refused)
        counts.skipped += 1
        table.forgetSettled()
    }

    /// A frame with a message of this run came.
    @inline(__always)
    mutating func delivered(_ message: DeliveryScanner.Delivery, to connection: Int, at now: Int64) {
        counts.deliveries += 1
        let number = Int(message.number)
        if number >= table.next, !admit(number, at: now) { return counts.strangers += 1 }
        guard number >= table.first else { return counts.repeated += 1 }
        let room = Int(table.slot(number).room)
        guard let place = plan.place(ofConnection: connection, inRoom: room) else { return counts.strangers += 1 }
        switch table.arrived(number, place: place) {
        case .new(let slot, let isLast):
            if slot.isMeasured {
                delivery.record(nanoseconds: now - slot.due)
                if isLast { round.record(nanoseconds: now - slot.due) }
            }
            if message.sequence > 0 {
                advance(to: message.sequence, room: room, place: place)
            } else if isOvertaken(number, place: place) {
                counts.disordered += 1
            }
            if isLast, number == table.first { table.forgetSettled() }
        case .repeated: counts.repeated += 1
        case .stranger: counts.strangers += 1
        }
    }

    /// The reader of a floor learns of a message when it arrives.
    @inline(never)
    private mutating func admit(_ number: Int, at now: Int64) -> Bool {
        guard plan.dialect == .bare, number - table.first < table.capacity else { return false }
        while table.next <= number {
            _ = begin(
                from: plan.sender(ofMessage: table.next), due: min(schedule.due(table.next), now), isAnswered: false,
                at: now)
        }
        return true
    }

    @inline(__always)
    private mutating func advance(to sequence: UInt64, room: Int, place: Int) {
        let last = latest + (room * plan.membersPerRoom + place)
        if sequence <= last.pointee { counts.disordered += 1 } else { last.pointee = sequence }
    }

    /// Without numbers from the server, the messages of one sender still have an order: the sender's next message must
    /// not have come before. If any order is wrong, it is wrong between two neighbours, so checking one neighbour is
    /// enough.
    private func isOvertaken(_ number: Int, place: Int) -> Bool {
        var later = number + plan.senders
        while later < table.next, table.slot(later).answer == .refused { later += plan.senders }
        return later < table.next && table.has(later, place: place)
    }

    /// An `ack` came, at its message's place in the room's order.
    /// - Parameter connection: the connection on which it came.
    /// - Returns: whether it was the message's first answer, and came to its sender.
    @discardableResult
    mutating func acknowledged(_ number: Int, sequence: UInt64, to connection: Int, at now: Int64) -> Bool {
        guard isSender(connection, of: number), let slot = table.answer(number, .acknowledged) else { return false }
        counts.acknowledged += 1
        if slot.isMeasured { ack.record(nanoseconds: now - slot.due) }
        if sequence > 0 { advance(to: sequence, room: Int(slot.room), place: Int(slot.sender)) }
        table.forgetSettled()
        return true
    }

    /// An `error` came instead.
    /// - Returns: as `acknowledged`.
    @discardableResult
    mutating func refused(_ number: Int, code: String, to connection: Int) -> Bool {
        // The message may be stored, according to the protocol.
        let answer = code == "unavailable" ? DeliveryTable.Answer.unknown : .refused
        guard isSender(connection, of: number), table.answer(number, answer) != nil else { return false }
        counts.refused[code, default: 0] += 1
        table.forgetSettled()
        return true
    }

    /// Whether an answer may come to a connection. Otherwise the answer belongs to another one, unless its message is
    /// forgotten already.
    private mutating func isSender(_ connection: Int, of number: Int) -> Bool {
        guard number >= table.first else { return false }
        if table.isKept(number) {
            let slot = table.slot(number)
            let member = Int(slot.room) * plan.membersPerRoom + Int(slot.sender)
            if plan.connection(ofMember: member) == connection { return true }
        }
        counts.strangers += 1
        return false
    }

    mutating func sawOtherFrame() { counts.otherFrames += 1 }
    mutating func sawGap() { counts.gaps += 1 }

    /// A connection ended: no more messages are expected on it, and its unanswered messages may have been stored.
    mutating func left(connection: Int) {
        for member in stride(from: connection, to: plan.members, by: plan.connections) {
            let room = plan.room(ofMember: member)
            gone[room, default: []].insert(member - room * plan.membersPerRoom)
            table.release(room: room, place: member - room * plan.membersPerRoom)
        }
        for number in table.first..<table.next {
            let slot = table.slot(number)
            let member = Int(slot.room) * plan.membersPerRoom + Int(slot.sender)
            if plan.connection(ofMember: member) == connection {
                _ = table.answer(number, .unknown)
            }
        }
        table.forgetSettled()
    }

    /// Whether nothing more is expected to come.
    var isSettled: Bool {
        (table.first..<table.next).allSatisfy { number in
            let slot = table.slot(number)
            return switch slot.answer {
            case .none: false
            case .acknowledged: slot.remaining == 0
            case .refused, .unknown: true
            }
        }
    }

    /// Deliveries of acknowledged messages that have not come.
    var missing: Int {
        (table.first..<table.next).reduce(0) { sum, number in
            let slot = table.slot(number)
            return slot.answer == .acknowledged ? sum + Int(slot.remaining) : sum
        }
    }

    /// Messages without any answer; not those whose senders have gone.
    var unanswered: Int {
        (table.first..<table.next).reduce(0) { $0 + (table.slot($1).answer == .none ? 1 : 0) }
    }
}
