import Service

/// By how much the requests of a client that were refused for their rate outnumber those that were done. A pure value.
struct RefusalCount {
    /// How many more may be refused than done, in multiples of the burst that is allowed.
    private static let patience = 10

    private var refusals = 0

    /// A request was done.
    mutating func forgive() { refusals = max(0, refusals - 1) }

    /// A request was refused for its rate. - Returns: whether the client is to be sent away.
    mutating func add(_ rate: RateLimit) -> Bool {
        refusals += 1
        return refusals > Self.patience * max(rate.messages, 10)
    }
}
