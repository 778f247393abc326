public import Domain

/// Shows events to the readers of a topic that are connected to this instance. Implemented by the edge.
public protocol TopicDelivery: Sendable {
    /// Shows `event` to the readers of its topic.
    ///
    /// Events are shown in the order of the calls. Called on threads of the bus; it may block them while the connections
    /// cannot keep up.
    ///
    /// - Parameters:
    ///   - senders: whose doing it is. A message is not shown to the one that sent it, or is acknowledged there instead, and
    ///     is shown to the others; a notice is shown to none of them.
    ///   - heldBack: how long a message has waited here behind a hole in its topic's log; most often zero.
    func deliver(_ event: TopicEvent, except senders: UserConnections, heldBack: Duration)

    /// Shows `event` to those only who do not read the log: the others have it from there.
    func deliverLate(_ event: TopicEvent, except senders: UserConnections)

    /// Shows what an administrator says to everybody who is connected here. On threads of the bus; does not wait for the
    /// connections.
    func announce(_ announcement: ServerAnnouncement)

    /// The log of a kind is another one than before: connections that count by its numbers are shown nothing more, and are
    /// to come back.
    func logRenewed(_ kind: Topic.Kind)
}

extension TopicDelivery {
    /// Shows `event`, which has not waited for anything, to the readers of its topic.
    public func deliver(_ event: TopicEvent, except senders: UserConnections) {
        deliver(event, except: senders, heldBack: .zero)
    }
}

/// The connections on this instance of one user, or of one session.
public enum UserConnections: Sendable {
    case none
    case one(any ClientConnection)
    /// Of a user whose sessions share the name.
    case several([any ClientConnection])

    public init(_ connection: (any ClientConnection)?) {
        self = connection.map { .one($0) } ?? .none
    }
}

/// One client's connection, as the service sees it. Implemented by the edge.
public protocol ClientConnection: AnyObject, Sendable {
    /// Ends the connection because of something that happened elsewhere.
    func end(_ reason: EndReason)

    /// What is known of the client, for administrators. From any thread.
    var client: ClientDescription { get }
}

/// What is known of a client besides its session.
public struct ClientDescription: Equatable, Sendable {
    /// From which it is connected; nil where the system does not tell any more.
    public let address: String?
    /// Which dialect it speaks.
    public let dialect: String

    public init(address: String?, dialect: String) {
        self.address = address
        self.dialect = dialect
    }
}

/// Why the service ends a connection.
public enum EndReason: Equatable, Sendable {
    /// The name belongs to another session now.
    case nameLost
    /// Something was missed that only a resume can tell of.
    case mustResume
    /// The token with which the client came was taken back.
    case tokenRevoked
    /// An administrator wants it, for this reason.
    case disconnected(String)
}
