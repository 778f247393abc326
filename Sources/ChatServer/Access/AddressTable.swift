import Wire

/// How much of the server each address takes. A pure value.
///
/// An IPv6 address counts with its /64, since one customer has all of that. The table holds one entry for each address with
/// an open socket, so no more than there may be sockets; and of the rates at most ``maximumRates``. When those are all in use
/// the ones that are over are forgotten, and where that makes no room an address that is not known is let through: somebody
/// with so many addresses has a new one for each request anyway, and `max_upgrades_per_second` bounds them all.
struct AddressTable {
    enum Use {
        /// A WebSocket, from its admission on.
        case connection
        /// A socket that is not a WebSocket yet.
        case socket
    }

    struct Limits: Equatable, Sendable {
        /// Of the WebSockets of one address; 0: none.
        var connections = 0
        /// Of one address; 0: none.
        var upgradesPerMinute = 0
        /// Of the instance; 0: none.
        var upgradesPerSecond = 0
        /// Whether this machine itself is not limited by its address.
        var exemptsLoopback = true

        /// Of the sockets of one address that are no WebSockets: as many, since each of them may be on its way to become one.
        /// Where very few WebSockets are allowed, a browser still has to get its other requests answered.
        var sockets: Int { connections == 0 ? 0 : max(connections, 16) }
    }

    static let maximumRates = 65_536

    private struct Counts {
        var connections = 0
        var sockets = 0
    }

    let limits: Limits
    private var counts: [IPAddress: Counts] = [:]
    private var rates: [IPAddress: UInt64] = [:]
    private var instanceRate: UInt64 = 0
    /// Nothing in `rates` is over before this moment, so that a full table is not searched each time.
    private var nextSweep: UInt64 = 0

    init(_ limits: Limits) { self.limits = limits }

    /// The addresses that are remembered, for whatever reason.
    var size: (counts: Int, rates: Int) { (counts.count, rates.count) }

    private func isLimited(_ address: IPAddress) -> Bool { !(limits.exemptsLoopback && address.isLoopback) }

    /// Counts one more, if there may be one more.
    mutating func take(_ use: Use, of address: IPAddress) -> Bool {
        let key = address.block
        var entry = counts[key] ?? Counts()
        let (count, limit) =
            switch use {
            case .connection: (entry.connections, limits.connections)
            case .socket: (entry.sockets, limits.sockets)
            }
        guard limit == 0 || !isLimited(address) || count < limit else { return false }
        switch use {
        case .connection: entry.connections += 1
        case .socket: entry.sockets += 1
        }
        counts[key] = entry
        return true
    }

    /// Counts one less. Each call belongs to a ``take(_:of:)`` that returned true.
    mutating func giveBack(_ use: Use, of address: IPAddress) {
        let key = address.block
        guard var entry = counts[key] else { return }
        switch use {
        case .connection: entry.connections -= 1
        case .socket: entry.sockets -= 1
        }
        counts[key] = entry.connections > 0 || entry.sockets > 0 ? entry : nil
    }

    /// Lets one more request for a WebSocket pass, or says which limit it meets, and in how many nanoseconds it would not.
    ///
    /// - Parameter now: of a clock that does not go back, in nanoseconds.
    mutating func upgrade(by address: IPAddress?, at now: UInt64) -> (cause: RefusalCause, wait: UInt64)? {
        var block: IPAddress?
        if limits.upgradesPerMinute > 0, let address, isLimited(address) { block = address.block }
        var (spent, all) = (block.flatMap { rates[$0] } ?? 0, instanceRate)
        if block != nil, let wait = RatePace(limits.upgradesPerMinute, perSeconds: 60).wait(&spent, at: now) {
            return (.addressRate, wait)
        }
        if limits.upgradesPerSecond > 0,
            let wait = RatePace(limits.upgradesPerSecond, perSeconds: 1).wait(&all, at: now)
        {
            return (.instanceRate, wait)
        }
        // Only now: who is refused has spent nothing.
        instanceRate = all
        if let block, rates[block] != nil || hasRoomForRate(at: now) { rates[block] = spent }
        return nil
    }

    private mutating func hasRoomForRate(at now: UInt64) -> Bool {
        guard rates.count >= Self.maximumRates else { return true }
        guard now >= nextSweep else { return false }
        rates = rates.filter { $0.value > now }
        nextSweep = now + 1_000_000_000
        return rates.count < Self.maximumRates
    }
}
