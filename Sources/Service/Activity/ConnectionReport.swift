public import Domain

/// One open connection with its session, as an administrator sees it.
public struct ConnectionReport: Equatable, Sendable {
    /// The session's; not the secret with which its client can come back.
    public let id: String
    public let username: String
    public let connectedAt: Timestamp
    /// Messages that were accepted from the client, to rooms and to users.
    public let messagesSent: Int
    /// When the client asked for something the last time; typing does not count.
    public let lastActivity: Timestamp
    /// Nil if the system does not tell it any more.
    public let address: String?
    public let dialect: String
    public let rooms: [String]

    init(_ session: Session) {
        let client = session.connection.client
        id = session.id.text
        username = session.username.text
        connectedAt = session.since
        messagesSent = session.activity.messagesSent
        lastActivity = session.activity.lastActivity
        address = client.address
        dialect = client.dialect
        rooms = session.rooms.map(\.text)
    }
}
