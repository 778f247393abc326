public import Domain

/// Carries what happens in the rooms and inboxes to all instances.
///
/// Two adapters: NATS, and the embedded bus within the process.
///
/// - Order: the messages of one topic arrive one after the other in the log's order. Announcements keep the order of their
///   publisher, and have none against messages.
/// - Delivery: after ``follow(_:)`` has returned, what this instance does in the topic arrives, and what others do arrives
///   from the moment when the network knows of the interest. Entries may be missed or repeated all the same; their
///   numbers show it. When a lost connection is back, ``BusEvent/interrupted`` says so.
/// - Threads: the receiver is called on threads of the bus, for the messages of one topic never on two at a time, and for
///   the announcements of one publisher neither. It may block them, and so slow the bus down to its own pace; none of
///   them is of Swift's pool.
public protocol TopicBus: Sendable {
    /// Names the one receiver. Called once, before anything else.
    func start(_ receive: @escaping @Sendable (BusEvent) -> Void)

    /// Begins to receive what is stored in `topic`. Not called for one that is followed. Does not wait for the network,
    /// and works while it is down: the interest is made known when it is back.
    ///
    /// - Throws: ``ChatError/Code/unavailable`` where the bus is closed for good.
    func follow(_ topic: Topic) throws(ChatError)

    /// Ends what ``follow(_:)`` began; what is under way may still arrive.
    func unfollow(_ topic: Topic)

    /// Tells all instances, this one too. Stored nowhere.
    ///
    /// - Throws: ``ChatError/Code/unavailable`` where the network is down; then nobody heard it.
    func announce(_ announcement: Announcement) throws(ChatError)
}

/// What instances tell each other besides messages.
public enum Announcement: Equatable, Sendable {
    /// Somebody came or went.
    case membership(MembershipNotice)
    case typing(TypingNotice)
    /// The session was taken over by a later one of the same client: its connection, if it still has one, is to end.
    case succession(SessionID)
    /// What is there for administrators.
    case administration(AdministrationNotice)
}

/// What the bus has to tell.
public enum BusEvent: Equatable, Sendable {
    /// Something was stored.
    case entry(Entry)
    case announcement(Announcement)
    /// The connection is lost: entries will be missed. ``interrupted`` follows when it is back.
    case lost
    /// The connection was lost and is back, or another leader was elected: entries may have been missed.
    case interrupted
    /// The log of a kind is another one than before, or was put back to an older state. What stands beyond the number is
    /// new: everything in another log, nothing yet in one that was put back.
    case renewed(Topic.Kind, after: SequenceNumber)
    /// The log of a topic, or of all topics of a kind, retains less than before: what was too old is gone, or somebody has
    /// removed something. What was one too many of its topic is not told of: ``MessageLog/entriesPerTopic(_:)`` says it.
    case dropped(Dropped, of: Scope)

    public enum Dropped: Equatable, Sendable {
        /// Everything up to the number.
        case upTo(SequenceNumber)
        /// Something, nobody knows what.
        case unknown
    }

    public enum Scope: Equatable, Sendable {
        case topic(Topic)
        case all(Topic.Kind)
    }
}
