import Domain
import Service

/// The names in use, their sessions, and the members of each room. A pure value.
struct EmbeddedPresence: Sendable {
    private struct Session {
        let username: Username
        let secret: SessionSecret?
        let inboxStart: SequenceNumber?
        let isShared: Bool
        /// Oldest first.
        var rooms: [RoomName]
    }

    /// That a user is in a room.
    private struct Membership: Hashable {
        let username: Username
        let room: RoomName
    }

    /// The sessions of each name: one that has it alone, or those that share it. Never empty.
    private var owners: [Username: [SessionID]] = [:]
    private var sessions: [SessionID: Session] = [:]
    private var users = SortedNames()
    private var roomNames = SortedNames()
    /// By the room's name. Holds no empty room.
    private var members: [ExactText: SortedNames] = [:]
    /// The latest notice of each member whose sessions share the name, until somebody has told it.
    private var untold: [Membership: MembershipNotice] = [:]
    /// What is to be published before anything that follows from the latest change.
    private var handedOut: [MembershipNotice] = []

    mutating func claim(_ claim: Claim, now: Timestamp) throws(ChatError) -> Claimed {
        let others = owners[claim.username, default: []]
        let earlier = others.first { other in
            guard let secret = sessions[other]?.secret, sessions[other]?.isShared == claim.isShared else {
                return false
            }
            return secret == claim.presented
        }
        if let earlier, let session = sessions.removeValue(forKey: earlier) {
            sessions[claim.session] = session
            owners[claim.username] = others.filter { $0 != earlier } + [claim.session]
            return claimed(session, succeeding: earlier, news: [:])
        }
        guard others.isEmpty || (claim.isShared && others.allSatisfy { sessions[$0]?.isShared == true }) else {
            throw .usernameTaken
        }
        guard others.count < Claim.maximumSessions else { throw .tooManySessions(limit: Claim.maximumSessions) }
        let session = Session(
            username: claim.username, secret: claim.secret, inboxStart: claim.inboxStart, isShared: claim.isShared,
            rooms: claim.room.map { [$0] } ?? [])
        var news: [RoomName: PresenceNews] = [:]
        if let room = claim.room {
            let isFirst = !isElsewhere(claim.username, room, than: claim.session)
            enter(claim.username, room)
            if isFirst { news[room] = keep(.joined, session, room, now) }
        }
        users.insert(claim.username.text)
        owners[claim.username] = others + [claim.session]
        sessions[claim.session] = session
        return claimed(session, succeeding: nil, news: news)
    }

    private func claimed(
        _ session: Session, succeeding predecessor: SessionID?, news: [RoomName: PresenceNews]
    ) -> Claimed {
        Claimed(
            predecessor: predecessor, secret: session.secret, rooms: session.rooms.map { ($0, count($0)) },
            inboxStart: session.inboxStart, news: news)
    }

    mutating func move(
        _ id: SessionID, leaving: Set<RoomName>, entering: RoomName?, now: Timestamp
    ) throws(ChatError) -> Moved {
        guard let before = sessions[id] else { throw .usernameTaken }
        let (name, left) = (before.username, leaving.filter { $0 != entering })
        var gone: [RoomName] = []
        for room in left where !isElsewhere(name, room, than: id) {
            exit(name, room)
            if before.rooms.contains(room) { gone.append(room) }
        }
        var after = before
        after.rooms.removeAll { $0 == entering || left.contains($0) }
        if let entering {
            enter(name, entering)
            after.rooms.append(entering)
        }
        sessions[id] = after
        var news: [RoomName: PresenceNews] = [:]
        for room in gone { news[room] = keep(.left, before, room, now) }
        if let entering, !before.rooms.contains(entering), !isElsewhere(name, entering, than: id) {
            news[entering] = keep(.joined, before, entering, now)
        }
        let rooms = left.union(entering.map { [$0] } ?? [])
        return Moved(members: Dictionary(uniqueKeysWithValues: rooms.map { ($0, count($0)) }), news: news)
    }

    mutating func release(_ id: SessionID, now: Timestamp) {
        guard let session = sessions.removeValue(forKey: id) else { return }
        let name = session.username
        let others = owners[name, default: []].filter { $0 != id }
        owners[name] = others.isEmpty ? nil : others
        let gone = session.rooms.filter { !isElsewhere(name, $0, than: id) }
        for room in gone { exit(name, room) }
        if others.isEmpty { users.remove(name.text) }
        guard session.isShared else { return }
        for room in gone {
            _ = keep(.left, session, room, now)
            if let notice = untold[Membership(username: name, room: room)] { handedOut.append(notice) }
        }
    }

    /// Somebody has published these.
    mutating func told(_ notices: [String]) {
        // These are few: what is under way in this moment.
        untold = untold.filter { !notices.contains($0.value.id) }
    }

    /// What is to be published now, in this order.
    mutating func takeHandedOut() -> [MembershipNotice] {
        defer { handedOut = [] }
        return handedOut
    }

    /// Keeps the notice of a user who has come or gone, if sessions share the name. One before it that may not have been
    /// told is handed out first.
    private mutating func keep(
        _ change: MembershipNotice.Change, _ session: Session, _ room: RoomName, _ now: Timestamp
    ) -> PresenceNews {
        guard session.isShared else { return PresenceNews() }
        let notice = MembershipNotice(
            change, room: room, username: session.username, members: count(room), timestamp: now)
        let earlier = untold.updateValue(notice, forKey: Membership(username: session.username, room: room))
        if let earlier { handedOut.append(earlier) }
        return PresenceNews(keptAs: notice.id)
    }

    /// Whether another session of the user is in the room.
    private func isElsewhere(_ username: Username, _ room: RoomName, than id: SessionID) -> Bool {
        owners[username, default: []].contains { $0 != id && sessions[$0]?.rooms.contains(room) == true }
    }

    private mutating func enter(_ username: Username, _ room: RoomName) {
        members[ExactText(room.text), default: SortedNames()].insert(username.text)
        roomNames.insert(room.text)
    }

    private mutating func exit(_ username: Username, _ room: RoomName) {
        members[ExactText(room.text)]?.remove(username.text)
        guard members[ExactText(room.text)]?.count == 0 else { return }
        members[ExactText(room.text)] = nil
        roomNames.remove(room.text)
    }

    private func count(_ room: RoomName) -> Int { members[ExactText(room.text)]?.count ?? 0 }
}

/// The lists.
extension EmbeddedPresence {
    func contains(_ username: Username) -> Bool { owners[username] != nil }

    func users(in room: RoomName?, _ range: ListRange) -> ListPage<String> {
        guard let room else { return users.page(range) }
        return members[ExactText(room.text)]?.page(range) ?? ListPage(elements: [], more: false, total: 0)
    }

    func rooms(_ range: ListRange) -> ListPage<RoomSummary> {
        let page = roomNames.page(range)
        let rooms = page.elements.map { RoomSummary(name: $0, members: members[ExactText($0)]?.count ?? 0) }
        return ListPage(elements: rooms, more: page.more, total: page.total)
    }
}
