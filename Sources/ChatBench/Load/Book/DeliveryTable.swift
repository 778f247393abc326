/// What has become of each message under way: who has got it, and whether it was answered. Memory is bounded: a message
/// that everybody has got makes room for a new one, and while there is none nothing new is begun.
///
/// Messages are numbered as they are begun, and forgotten in that order.
struct DeliveryTable: ~Copyable {
    enum Answer: UInt8 {
        case none
        /// Stored; everybody is to get it.
        case acknowledged
        /// Not stored: nobody is to get it.
        case refused
        /// Perhaps stored: who gets it is no matter.
        case unknown
    }

    struct Slot {
        /// When it was to be sent.
        var due: Int64 = 0
        var room: Int32 = 0
        /// Which of the room's members said it.
        var sender: Int32 = 0
        /// How many have yet to get it.
        var remaining: Int32 = 0
        var answer = Answer.none
        var isMeasured = false
    }

    enum Arrival {
        /// The member has it now; `isLast`: as the last of all.
        case new(Slot, isLast: Bool)
        /// The member had it before.
        case repeated
        /// No such message was begun, it was refused, or it is not for that member.
        case stranger
    }

    let capacity: Int
    /// The oldest message that is kept; everything before is done with.
    private(set) var first = 0
    /// The number of the next message.
    private(set) var next = 0

    private let members: Int
    private let words: Int
    private let slots: UnsafeMutablePointer<Slot>
    /// For each slot a bit per member of the room: who has the message, or is not to get it.
    private let holders: UnsafeMutablePointer<UInt64>

    /// - Parameters:
    ///   - membersPerRoom: at most so many get one message.
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

    /// Notes a new message for all members of a room but those that hold it already. The table is not full.
    /// - Parameters:
    ///   - sender: which of the room's members says it.
    ///   - holders: who is not to get it.
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

    /// - Returns: the message as it was, where it had no answer yet.
    mutating func answer(_ number: Int, _ answer: Answer) -> Slot? {
        guard isKept(number) else { return nil }
        let slot = slots[number & (capacity - 1)]
        guard slot.answer == .none else { return nil }
        slots[number & (capacity - 1)].answer = answer
        return slot
    }

    /// Somebody has gone and gets nothing more.
    mutating func release(room: Int, place: Int) {
        for number in first..<next where slots[number & (capacity - 1)].room == Int32(truncatingIfNeeded: room) {
            _ = arrived(number, place: place)
        }
    }

    /// Forgets the oldest messages that nothing more is to be expected of.
    mutating func forgetSettled() {
        while first < next {
            let slot = slots[first & (capacity - 1)]
            switch slot.answer {
            case .acknowledged: if slot.remaining > 0 { return }
            case .refused: break
            case .none: return
            // May still come: kept while there is room.
            case .unknown: if slot.remaining > 0, next - first < capacity / 2 { return }
            }
            first += 1
        }
    }
}
