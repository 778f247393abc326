import Domain

/// Gathers the comings and goings of large rooms into counts, so that a crowd that comes costs each member one line an
/// interval, and not one for each of the others.
///
/// A pure value; the caller keeps the interval, and shows what is to be shown. Nothing is lost and nothing counted twice:
/// each notice is either shown by itself or in the counts of its room exactly once, unless the room's last reader here is
/// gone before. It remembers one entry for each large room that is followed here.
struct NoticeMerger {
    fileprivate struct Crowd {
        /// The latest known.
        var members: Int
        var joined = 0
        var left = 0

        var isWaiting: Bool { joined > 0 || left > 0 }
    }

    /// Rooms with counts that wait, and those known to be large.
    private var crowds: [RoomName: Crowd] = [:]
    private let limit: Int

    /// - Parameter limit: of members, above which a room is large; 0: all are.
    init(above limit: Int) { self.limit = limit }

    /// Rooms that it remembers.
    var count: Int { crowds.count }

    /// Gathers the notice, where its room is large after it, or was when somebody could last count.
    ///
    /// Where counts of the room wait, whatever comes is gathered with them: a room that goes back and forth over the limit is
    /// told no more often than a large one.
    ///
    /// - Returns: false: it is to be shown by itself, at once.
    mutating func merge(_ notice: MembershipNotice) -> Bool {
        guard var crowd = crowds[notice.room] ?? notice.members.map({ Crowd(members: $0) }) else { return false }
        guard crowd.isWaiting || (notice.members ?? crowd.members) > limit else {
            crowds[notice.room] = nil
            return false
        }
        crowd.add(notice)
        crowds[notice.room] = crowd
        return true
    }

    /// Takes what waits, to be shown now. Called once an interval.
    ///
    /// - Parameter isFollowed: whether the room has readers here. Others are forgotten.
    /// - Returns: one notice for each room in which somebody came or went.
    mutating func take(at timestamp: Timestamp, where isFollowed: (RoomName) -> Bool) -> [MembersNotice] {
        var notices: [MembersNotice] = []
        for (room, crowd) in crowds {
            guard isFollowed(room) else {
                crowds[room] = nil
                continue
            }
            guard crowd.isWaiting else { continue }
            notices.append(
                MembersNotice(
                    room: room, members: crowd.members, joined: crowd.joined, left: crowd.left, timestamp: timestamp))
            crowds[room] = crowd.members > limit ? Crowd(members: crowd.members) : nil
        }
        return notices
    }
}

extension NoticeMerger.Crowd {
    fileprivate mutating func add(_ notice: MembershipNotice) {
        if let count = notice.members { members = isWaiting ? latest(count, notice.change) : count }
        switch notice.change {
        case .joined: joined += 1
        case .left: left += 1
        }
    }

    /// Notices of several publishers overtake each other by a hair. While all go one way, the count that is furthest that
    /// way is the latest.
    private func latest(_ count: Int, _ change: MembershipNotice.Change) -> Int {
        switch change {
        case .joined where left == 0: max(members, count)
        case .left where joined == 0: min(members, count)
        case .joined, .left: count
        }
    }
}
