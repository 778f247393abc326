import Transport

/// How one client behaves; nothing of it changes while it runs.
struct ClientConfiguration: Equatable, Sendable {
    var address: ServerAddress
    var username: String
    var room: String?
    /// Someone sits there: keep trying, and end when they say so. Else (a pipe) give up after a while, and send all of
    /// the input before ending.
    var isInteractive: Bool
    /// Input can be left unread while there is no room for it; false where keys have to be read in any case.
    var inputCanWait: Bool
    /// What happens is reported as it is and not as lines of text.
    var hasWindows = false
    /// Where else the chat is to be found.
    var otherAddresses: [ServerAddress] = []
    /// How long a pipe goes without a connection, or without a confirmation after its end; some attempts or
    /// ``Timing/outage`` where nothing was said.
    var patience: Duration?
    /// Never to give up, though nobody sits there.
    var isPersistent = false
    /// Of the messages from before one enters a room, how many are shown; 0–100.
    var history = 50

    /// How long the client goes on without the server.
    var patienceLimit: Patience { isInteractive || isPersistent ? .unlimited : .limited(patience) }
}
