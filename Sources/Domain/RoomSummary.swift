/// One line of the room list.
public struct RoomSummary: Equatable, Sendable {
    /// As it stands in the store: an original server sharing it obeys no naming rules of ours.
    public let name: String
    /// Distinct users in the room, on all instances.
    public let members: Int

    public init(name: String, members: Int) {
        self.name = name
        self.members = members
    }
}
