/// What an administrator tells everybody who is connected, in whatever room they are. Stored nowhere.
public struct ServerAnnouncement: Equatable, Sendable {
    public let content: String
    public let timestamp: Timestamp

    public init(content: String, timestamp: Timestamp) {
        self.content = content
        self.timestamp = timestamp
    }
}
