/// The name of a client, and the rooms to which it belongs.
struct Identity: Sendable {
    var name: String
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
