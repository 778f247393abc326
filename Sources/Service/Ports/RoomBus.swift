public import Domain

/// Carries what happens in the rooms to all instances.
///
/// Two adapters: NATS, and the embedded bus within the process.
///
/// - Order: the messages of one room arrive one after the other in the log's order. Notices keep the order of their
///   publisher, and have none against messages.
/// - Delivery: after ``follow(_:)`` has returned, what this instance does in the room arrives, and what others do arrives
///   from the moment when the network knows of the interest. Entries may be missed or repeated all the same; their
///   numbers show it. When a lost connection is back, ``BusEvent/interrupted`` says so.
/// - Threads: the receiver is called on threads of the bus, for one room never on two at a time. It may block them, and
///   so slow the bus down to its own pace.
public protocol RoomBus: Sendable {
    /// Names the one receiver. Called once, before anything else.
    func start(_ receive: @escaping @Sendable (BusEvent) -> Void)

    /// Begins to receive what happens in `room`. Not called for a room that is followed. Does not wait for the network,
    /// and works while it is down: the interest is made known when it is back.
    ///
    /// - Throws: ``ChatError/Code/unavailable`` where the bus is closed for good.
    func follow(_ room: RoomName) throws(ChatError)

    /// Ends what ``follow(_:)`` began; what is under way may still arrive.
    func unfollow(_ room: RoomName)

    /// Tells everyone in the room, on all instances, this one too where it follows the room. Stored nowhere.
    ///
    /// - Throws: ``ChatError/Code/unavailable`` where the network is down; then nobody heard it.
    func announce(_ notice: MembershipNotice) throws(ChatError)
}

/// What the bus has to tell.
public enum BusEvent: Equatable, Sendable {
    /// Something was stored in a room.
    case entry(LogEntry)
    /// Somebody came or went. Stored nowhere.
    case notice(MembershipNotice)
    /// The connection is lost: entries will be missed. ``interrupted`` follows when it is back.
    case lost
    /// The connection was lost and is back: entries may have been missed.
    case interrupted
    /// The log is another one than before; its numbers begin anew.
    case renewed
}
