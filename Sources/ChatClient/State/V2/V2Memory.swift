import Wire

/// What a client of `chat.v2` knows across connections: what lets the next one take the session over and go on where the
/// last one stopped.
struct V2Memory: Sendable {
    /// Lets the next connection take the session over. Never shown or stored.
    private(set) var secret: String?
    /// As the server writes it.
    private(set) var username: String
    var limits = FrameLimits()
    var rooms = RoomReadings()
    var inbox = Cursor()
    /// From a request to its answer, the last time.
    var lag: Duration?
    /// Since when the server has stored nothing.
    var unavailableSince: Duration?

    init(username: String) { self.username = username }

    mutating func learn(_ welcome: V2Welcome) {
        secret = welcome.session
        username = welcome.username
        limits.learn(welcome.limits)
    }

    /// Whether a message is the user's own: anybody can use an id that they have seen, but nobody this name.
    func isOwn(_ sender: String) -> Bool { sender.hasSameBytes(as: username) }
}
