import Transport

/// The client's behaviour, which does not change while it runs.
struct ClientConfiguration: Equatable, Sendable {
    var address: ServerAddress
    /// Empty if the server takes the name from the token.
    var username: String
    var room: String?
    var credential = Credential.none
    /// Whether a user is present: the client keeps trying until the user ends it. Otherwise (a pipe) it gives up after
    /// a while, and sends all of the input before it ends.
    var isInteractive: Bool
    /// Whether input can stay unread while there is no room for it; false if keys must always be read.
    var inputCanWait: Bool
    /// Whether the view takes ``Happening``s instead of lines of text.
    var hasWindows = false
    /// Further addresses of the chat.
    var otherAddresses: [ServerAddress] = []
    /// How long a pipe waits for a connection, or for a confirmation after its input has ended; `nil`: the limits at
    /// ``Timing/outage`` and ``Timing/attempts``.
    var patience: Duration?
    /// Whether the client never gives up, although no user is present.
    var isPersistent = false
    /// How many earlier messages are shown when a room is entered; 0–100.
    var history = 50

    /// How long the client goes on without a connection.
    var patienceLimit: Patience { isInteractive || isPersistent ? .unlimited : .limited(patience) }
}
