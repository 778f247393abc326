public import Domain

/// Shows events to the members of a room that are connected to this instance. Implemented by the edge.
public protocol RoomDelivery: Sendable {
    /// Shows `event` to the members of its room, but not to `sender`.
    ///
    /// Events are shown in the order of the calls. Called on threads of the bus; it may block them while the connections
    /// cannot keep up.
    func deliver(_ event: RoomEvent, except sender: (any ClientConnection)?)
}

/// One client's connection, as the service sees it. Implemented by the edge.
public protocol ClientConnection: AnyObject, Sendable {
    /// Shows `notice`, and from then on the events of `room`. Ordered with ``RoomDelivery/deliver(_:except:)``.
    func enter(_ room: RoomName, showing notice: MembershipNotice)

    /// From now on no event of `room` is shown here. Ordered with ``RoomDelivery/deliver(_:except:)``.
    func exit(_ room: RoomName)

    /// Ends the connection because of something that happened elsewhere.
    func end(_ reason: EndReason)
}

/// Why the service ends a connection.
public enum EndReason: Sendable {
    /// The name belongs to another session now.
    case nameLost
}
