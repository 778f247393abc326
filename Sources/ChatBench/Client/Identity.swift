/// The user of a client, and the rooms to which the client belongs.
struct Identity: Sendable {
    /// The user's name.
    var name: String
    /// The name of the client in the history: that of its user, unless the user has several clients.
    var clientName: String
    /// Proves the name to a server that wants that.
    var token: String?
    /// The rooms in which it wants to be; never empty. Its session begins in the first.
    var rooms: [String]
    /// The addresses, tried in turn.
    var addresses: [String]
    var firstAddress: Int
    /// The seed of the client's random decisions.
    var seed: UInt64
    /// The content is padded to this many bytes, if the identification of the message is shorter.
    var payloadBytes = 120
    /// Whether it reads private messages; a server may not have them.
    var readsInbox = true

    /// - Parameter session: the number of the client among those of its user; nil: the user has no others.
    init(
        name: String, session: Int? = nil, token: String? = nil, rooms: [String], addresses: [String],
        firstAddress: Int, seed: UInt64, payloadBytes: Int = 120, readsInbox: Bool = true
    ) {
        self.name = name
        clientName = session.map { "\(name).\($0)" } ?? name
        self.token = token
        self.rooms = rooms
        self.addresses = addresses
        self.firstAddress = firstAddress
        self.seed = seed
        self.payloadBytes = payloadBytes
        self.readsInbox = readsInbox
    }
}

/// Random numbers that a seed reproduces (SplitMix64).
struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
