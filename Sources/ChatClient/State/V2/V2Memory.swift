import Wire

/// What a `chat.v2` client keeps across connections, so that the next one can take the session over and continue.
struct V2Memory: Sendable {
    /// The session's secret, for a takeover. Never shown or stored.
    private(set) var secret: String?
    /// In the server's spelling.
    private(set) var username: String
    var limits = FrameLimits()
    var rooms = RoomReadings()
    var inbox = Cursor()
    /// How long the server took to answer the last request.
    var lag: Duration?
    /// Since when the server has stored nothing.
    var unavailableSince: Duration?

    init(username: String) { self.username = username }

    mutating func learn(_ welcome: V2Welcome) {
        secret = welcome.session
        username = welcome.username
        limits.learn(welcome.limits)
    }

    mutating func learn(username: String) { self.username = username }

    /// Whether a sender is the user. Others can copy an id that they have seen, but not this name.
    func isOwn(_ sender: String) -> Bool { sender.hasSameBytes(as: username) }
}
