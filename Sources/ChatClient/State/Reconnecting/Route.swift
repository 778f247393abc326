import Transport

/// The addresses of one chat, tried in turn: first the one that answered last, then the others.
struct Route: Equatable, Sendable {
    /// The address that is being tried, or that answered last.
    private(set) var address: ServerAddress
    /// The other addresses, in the order in which they follow.
    private var others: [ServerAddress]
    /// The number of failures since the last pause.
    private var failures = 0
    /// Whether every address has failed since one last answered; perhaps they are only slow.
    private(set) var allHaveFailed = false

    init(_ address: ServerAddress, others: [ServerAddress] = []) {
        self.address = address
        self.others = others
    }

    var hasOthers: Bool { !others.isEmpty }

    /// The address failed.
    /// - Returns: whether to try the next one at once. Otherwise all of them have failed, and a pause follows.
    mutating func fail() -> Bool {
        failures += 1
        moveOn()
        if failures <= others.count { return true }
        failures = 0
        allHaveFailed = true
        return false
    }

    mutating func succeed() {
        failures = 0
        allHaveFailed = false
    }

    /// Moves to the next address without a failure.
    mutating func moveOn() {
        guard !others.isEmpty else { return }
        others.append(address)
        address = others.removeFirst()
    }
}
