/// The state of each message under way: which members have got it, and whether it was answered. Memory is bounded: a
/// message that all members have makes room for a new one, and while there is no room no new message is started.
///
/// Messages are numbered as they are started, and forgotten in that order.
struct DeliveryTable: ~Copyable {
    enum Answer: UInt8 {
        case none
        /// Stored; all members must get it.
        case acknowledged
        /// Not stored: no member may get it.
        case refused
        /// Possibly stored: members may or may not get it.
        case unknown
    }

    struct Slot {
        /// The time at which it was due.
        var due: Int64 = 0
        var room: Int32 = 0
        /// The sending member of the room.
        var sender: Int32 = 0
        /// The number of members that have not got it yet.
        var remaining: Int32 = 0
        var answer = Answer.none
        var isMeasured = false
    }

    enum Arrival {
        /// The member has it now; `isLast`: it was the last member without it.
        case new(Slot, isLast: Bool)
        /// The member had it before.
        case repeated
        /// No such message was started, it was refused, or it is not for that member.
        case stranger
    }

    let capacity: Int
    /// The oldest message that is kept; all earlier ones are finished.
    private(set) var first = 0
    /// The number of the next message.
    private(set) var next = 0

    private let members: Int
    private let words: Int
    private let slots: UnsafeMutablePointer<Slot>
    /// For each slot one bit per member of the room: the member has the message, or need not get it.
    private let holders: UnsafeMutablePointer<UInt64>

    /// - Parameters:
    ///   - membersPerRoom: the greatest number of members that get one message.
    ///   - capacity: how many messages can be under way; rounded up to a power of two.
    init(membersPerRoom: Int, capacity: Int) {
        var rounded = 1
        while rounded < capacity { rounded *= 2 }
        self.capacity = rounded
        members = membersPerRoom
        words = (membersPerRoom + 63) / 64
        slots = .allocate(capacity: rounded)
        slots.initialize(repeating: Slot(), count: rounded)
        holders = .allocate(capacity: rounded * words)
        holders.initialize(repeating: 0, count: rounded * words)
    }

    deinit {
        slots.deallocate()
        holders.deallocate()
    }

    var isFull: Bool { next - first >= capacity }

    /// Records a new message for all members of a room except those in `holders`. The table is not full.
    /// - Parameters:
    ///   - sender: the sending member of the room.
    ///   - holders: the members that need not get it.
    /// - Returns: its number.
    mutating func begin(
        room: Int, sender: Int, due: Int64, isMeasured: Bool, heldBy holders: some Sequence<Int>
    ) -> Int {
        precondition(!isFull, "no room for a message")
        let number = next
        next += 1
        let index = number & (capacity - 1)
        let bits = self.holders + index * words
        for word in 0..<words { bits[word] = 0 }
        var remaining = members
        for place in holders where bits[place >> 6] & (1 << UInt64(place & 63)) == 0 {
            bits[place >> 6] |= 1 << UInt64(place & 63)
            remaining -= 1
        }
        slots[index] = Slot(
            due: due, room: Int32(truncatingIfNeeded: room), sender: Int32(truncatingIfNeeded: sender),
            remaining: Int32(truncatingIfNeeded: remaining), isMeasured: isMeasured)
        return number
    }

    func isKept(_ number: Int) -> Bool { number >= first && number < next }

    /// A message that is kept.
    @inline(__always)
    func slot(_ number: Int) -> Slot { slots[number & (capacity - 1)] }

    /// Whether a kept message has come to a member.
    func has(_ number: Int, place: Int) -> Bool {
        holders[(number & (capacity - 1)) * words + (place >> 6)] & (1 << UInt64(place & 63)) != 0
    }

    /// A member of its room got the message.
    @inline(__always)
    mutating func arrived(_ number: Int, place: Int) -> Arrival {
        guard number < next, place < members else { return .stranger }
        guard number >= first else { return .repeated }
        let index = number & (capacity - 1)
        let bits = holders + (index * words + (place >> 6))
        let bit = UInt64(1) << UInt64(place & 63)
        if slots[index].answer == .refused { return .stranger }
        if bits.pointee & bit != 0 { return .repeated }
        bits.pointee |= bit
        slots[index].remaining -= 1
        let slot = slots[index]
        return .new(slot, isLast: slot.remaining == 0)
    }

    /// - Returns: the message as it was, if it had no answer yet.
    mutating func answer(_ number: Int, _ answer: Answer) -> Slot? {
        guard isKept(number) else { return nil }
        let slot = slots[number & (capacity - 1)]
        guard slot.answer == .none else { return nil }
        slots[number & (capacity - 1)].answer = answer
        return slot
    }

    /// A member is gone and gets no more messages.
    mutating func release(room: Int, place: Int) {
        for number in first..<next where slots[number & (capacity - 1)].room == Int32(truncatingIfNeeded: room) {
            _ = arrived(number, place: place)
        }
    }

    /// Forgets the oldest messages for which nothing more is expected.
    mutating func forgetSettled() {
        while first < next {
            let slot = slots[first & (capacity - 1)]
            switch slot.answer {
            case .acknowledged: if slot.remaining > 0 { return }
            case .refused: break
            case .none: return
            // It may still come, so it is kept while there is room.
            case .unknown: if slot.remaining > 0, next - first < capacity / 2 { return }
            }
            first += 1
        }
    }
}
