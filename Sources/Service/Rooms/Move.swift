public import Domain

/// What a reader without history is told of its own coming and going.
public struct Move: Equatable, Sendable {
    /// The rooms that it is in no more.
    public let left: [RoomName]
    /// The notice of its arrival; nil where it was in the room already. The others in the room are about to be told it,
    /// unless another session of the user is there.
    public let arrival: MembershipNotice?
}

/// Begins to show a reader without history the room in which it has arrived, from its own arrival on, and shows it those no
/// more that it has left.
///
/// It has no log to read what it misses, so this is called when the session is in the room and *before* anybody is told:
/// whatever the others say to a newcomer, it sees. Called once per move, before the call that moves it returns. What it does
/// must be ordered with ``TopicDelivery/deliver(_:except:)``.
public typealias GoLive = (Move) -> Void

/// Stops showing a reader of the log a room that its session has left.
///
/// Called while the session still follows the room: what the room is shown from then on need not be without holes for this
/// reader. What it does must be ordered with ``TopicDelivery/deliver(_:except:)``.
public typealias StopReading = (RoomName) -> Void
