public import Domain

/// All instances at a glance.
public struct ClusterOverview: Sendable {
    public let instances: [(name: String, report: InstanceReport)]
    /// The names of those that are running and have not answered in time.
    public let missing: [String]
    /// Those with the most members, the largest first; nil if the presence store cannot be reached.
    public let rooms: LargestRooms?
}

/// The rooms with the most members. A pure value.
public struct LargestRooms: Equatable, Sendable {
    /// How many are named.
    public static let maximumCount = 100
    /// Of how many rooms the members are looked at: ten answers of the presence store.
    static let maximumLookedAt = 10_000

    /// The largest first, and those with as many members by name.
    public private(set) var rooms: [RoomSummary] = []
    /// How many rooms there are; nil if the store does not say.
    public let total: Int?

    init(total: Int?) { self.total = total }

    mutating func take(_ more: [RoomSummary]) {
        let all = (rooms + more).sorted { one, other in
            one.members == other.members ? ExactText(one.name) < ExactText(other.name) : one.members > other.members
        }
        rooms = Array(all.prefix(Self.maximumCount))
    }
}
