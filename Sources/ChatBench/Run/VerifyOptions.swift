import Transport

/// The options of `verify`.
struct VerifyOptions: Sendable {
    var addresses: [ServerAddress]
    /// The number of users that talk; each has ``sessions`` clients.
    var clients = 60
    /// More than one needs a ``signer``: without tokens a name has one owner.
    var sessions = 1
    /// Makes the tokens with which everybody connects; nil: they have none.
    var signer: TokenSigner?
    /// With TLS, whose certificates are trusted.
    var trust = TLSTrust.system
    var classic = 0
    var rooms = 6
    /// The number of rooms of each client.
    var roomsPerClient = 2
    /// Messages per second, of all clients together.
    var rate = 100.0
    /// How long the clients talk.
    var duration = Duration.seconds(30)
    /// How long everything may take to settle afterwards.
    var settle = Duration.seconds(30)
    /// How long lists may be wrong afterwards: longer than a dead instance's lease and a session's grace together.
    var listBound = Duration.seconds(20)
    var payloadBytes = 120
    /// The share of messages that are private, 0–1.
    var privateShare = 0.05
    /// The average time after which each client does something disruptive. Nil: never.
    var mischief: Duration? = .seconds(12)
    /// How long clients stay away when they leave on purpose.
    var absence = Duration.seconds(3)
    /// Drop all connections at once in the middle of the run.
    var storm = false
    /// Every other client offers compression.
    var compression = false
    var seed: UInt64
    var run: String
    /// How long the first connection may take.
    var patience = Duration.seconds(15)
    var limits = Judge.Limits()
}
