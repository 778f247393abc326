import Transport

/// The addresses of one chat, tried in turn: the one that answered last comes first, and after a failure the next.
struct Route: Equatable, Sendable {
    /// The one that is being tried, or that answered last.
    private(set) var address: ServerAddress
    /// In the order in which they come after it.
    private var others: [ServerAddress]
    /// Of the failures in a row, those since the last pause.
    private var failures = 0
    /// All of them have failed at least once since one answered: it may be that they are only slow.
    private(set) var allHaveFailed = false

    init(_ address: ServerAddress, others: [ServerAddress] = []) {
        self.address = address
        self.others = others
    }

    var hasOthers: Bool { !others.isEmpty }

    /// The address has failed.
    /// - Returns: whether the next one is to be tried at once; otherwise all of them have failed, and are left alone for a
    ///   while.
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

    /// The next attempt goes elsewhere, though nothing has failed.
    mutating func moveOn() {
        guard !others.isEmpty else { return }
        others.append(address)
        address = others.removeFirst()
    }
}
