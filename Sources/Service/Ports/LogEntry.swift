public import Domain

/// One entry of a room's log, as it comes in live or is read back.
public struct LogEntry: Equatable, Sendable {
    public let room: RoomName
    public let sequence: SequenceNumber
    /// The room's entry before this one, where the log says so; nil where it cannot (a room's first entry, or the one
    /// before it is gone).
    public let previous: SequenceNumber?
    /// What is shown; nil for what nobody can read, which takes a place in the log all the same.
    public let event: RoomEvent?

    public init(room: RoomName, sequence: SequenceNumber, previous: SequenceNumber?, event: RoomEvent?) {
        self.room = room
        self.sequence = sequence
        self.previous = previous
        self.event = event
    }
}
