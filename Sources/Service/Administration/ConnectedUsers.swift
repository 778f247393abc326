public import Domain

/// One session, as an administrator sees it.
public struct ConnectedSession: Equatable, Sendable {
    /// The instance to which it is connected, or was.
    public let instance: String
    /// Of the client; nil where it is not known.
    public let address: String?
    public let dialect: String
    public let rooms: [String]
    /// When the session began.
    public let since: Timestamp
    /// The client was cut off, and may still come back.
    public let isAway: Bool

    public init(
        instance: String, address: String?, dialect: String, rooms: [String], since: Timestamp, isAway: Bool
    ) {
        self.instance = instance
        self.address = address
        self.dialect = dialect
        self.rooms = rooms
        self.since = since
        self.isAway = isAway
    }
}

/// One user with the sessions, oldest first.
public struct ConnectedUser: Equatable, Sendable {
    public let username: String
    public var sessions: [ConnectedSession]

    public init(username: String, sessions: [ConnectedSession]) {
        self.username = username
        self.sessions = sessions
    }

    /// About how much room it takes in an answer, in bytes: never less than it does, for names without quotes.
    var size: Int {
        sessions.reduce(64 + username.utf8.count) { size, session in
            session.rooms.reduce(size + 160 + session.instance.utf8.count) { $0 + $1.utf8.count + 3 }
        }
    }
}

/// A part of the list of connected users, sorted by the bytes of their names. A pure value.
public struct ConnectedUsers: Equatable, Sendable {
    /// Sessions of one user that an instance lists: its oldest ones.
    public static let maximumSessions = 100
    /// What a part takes in an answer, about, in bytes. At least one user is in it, however large.
    static let maximumBytes = 256 << 10

    public let users: [ConnectedUser]
    /// Whether there is more behind the last one.
    public let more: Bool

    public init(users: [ConnectedUser], more: Bool) {
        self.users = users
        self.more = more
    }

    /// Cuts a part out of what one instance has.
    ///
    /// - Parameter sessions: all of the instance, in no order.
    init(of sessions: [(username: String, session: ConnectedSession)], after: String?, limit: Int) {
        let wanted = sessions.filter { one in after.map { ExactText($0) < ExactText(one.username) } ?? true }
        let byName = Dictionary(grouping: wanted) { ExactText($0.username) }
        var bytes = Self.maximumBytes
        var users: [ConnectedUser] = []
        for name in byName.keys.sorted() {
            let sessions = (byName[name] ?? []).map(\.session).sorted { $0.since < $1.since }
            let user = ConnectedUser(username: name.text, sessions: Array(sessions.prefix(Self.maximumSessions)))
            bytes -= user.size
            guard users.count < limit, bytes >= 0 || users.isEmpty else { break }
            users.append(user)
        }
        self.init(users: users, more: users.count < byName.count)
    }

    /// Joins the parts of several instances, all of which begin behind the same name.
    ///
    /// Where an instance has more, nothing is known of it behind its last user: the joined part ends there.
    init(joining parts: [ConnectedUsers], limit: Int) {
        let end = parts.compactMap { part in part.more ? part.users.last.map { ExactText($0.username) } : nil }.min()
        var byName: [ExactText: [ConnectedSession]] = [:]
        var isCut = false
        for user in parts.flatMap(\.users) {
            let name = ExactText(user.username)
            if let end, end < name {
                isCut = true
            } else {
                byName[name, default: []] += user.sessions
            }
        }
        let names = byName.keys.sorted()
        let users = names.prefix(limit).map { name in
            ConnectedUser(
                username: name.text, sessions: (byName[name] ?? []).sorted { $0.since < $1.since })
        }
        self.init(users: users, more: isCut || names.count > users.count || parts.contains(where: \.more))
    }
}
