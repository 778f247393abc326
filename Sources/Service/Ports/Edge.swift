public import Domain

/// Shows events to the readers of a topic that are connected to this instance. Implemented by the edge.
public protocol TopicDelivery: Sendable {
    /// Shows `event` to the readers of its topic.
    ///
    /// Events are shown in the order of the calls. Called on threads of the bus; it may block them while the connections
    /// cannot keep up.
    ///
    /// - Parameters:
    ///   - sender: whose doing it is. A message is not shown there where it is acknowledged there instead; a notice is not
    ///     shown there.
    ///   - heldBack: how long a message has waited here behind a hole in its topic's log; most often zero.
    func deliver(_ event: TopicEvent, except sender: (any ClientConnection)?, heldBack: Duration)

    /// Shows `event` to those only who do not read the log: the others have it from there.
    func deliverLate(_ event: TopicEvent, except sender: (any ClientConnection)?)

    /// The log of a kind is another one than before: connections that count by its numbers are shown nothing more, and are
    /// to come back.
    func logRenewed(_ kind: Topic.Kind)
}

extension TopicDelivery {
    /// Shows `event`, which has not waited for anything, to the readers of its topic.
    public func deliver(_ event: TopicEvent, except sender: (any ClientConnection)?) {
        deliver(event, except: sender, heldBack: .zero)
    }
}

/// One client's connection, as the service sees it. Implemented by the edge.
public protocol ClientConnection: AnyObject, Sendable {
    /// Ends the connection because of something that happened elsewhere.
    func end(_ reason: EndReason)
}

/// Why the service ends a connection.
public enum EndReason: Sendable {
    /// The name belongs to another session now.
    case nameLost
    /// Something was missed that only a resume can tell of.
    case mustResume
    /// The token with which the client came was taken back.
    case tokenRevoked
}
