/// Who a client is, and where it belongs.
struct Identity: Sendable {
    var name: String
    /// The rooms it wants to be in; never empty. The first is where its session begins.
    var rooms: [String]
    /// Where to connect, in turn.
    var addresses: [String]
    var firstAddress: Int
    /// Seeds what the client does at random.
    var seed: UInt64
    /// Padded to this many bytes of content, where what identifies the message is shorter.
    var payloadBytes = 120
    /// Whether it reads private messages; a server may not have them.
    var readsInbox = true
}

/// Random numbers that a seed repeats (SplitMix64).
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
