import NIOCore
import Synchronization
import Wire

/// The ``AddressTable`` of an instance, for all its event loops. Asked a few times for each socket, never for a message.
final class AddressLimits: Sendable {
    private let table: Mutex<AddressTable>
    private let hasRates: Bool
    private let hasPlaces: Bool

    init(_ limits: AddressTable.Limits) {
        table = Mutex(AddressTable(limits))
        hasRates = limits.upgradesPerMinute > 0 || limits.upgradesPerSecond > 0
        hasPlaces = limits.connections > 0
    }

    /// Lets one more request for a WebSocket pass.
    ///
    /// - Throws: 429 where the client's address asks too often, 503 where all together do.
    func checkRate(of address: IPAddress?) throws(Refusal) {
        guard hasRates else { return }
        let now = NIODeadline.now().uptimeNanoseconds
        guard let (cause, wait) = table.withLock({ $0.upgrade(by: address, at: now) }) else { return }
        let seconds = Int(wait / 1_000_000_000) + 1
        guard cause == .instanceRate else { throw .tooManyUpgradesOfAddress(retryAfter: seconds) }
        throw .tooManyUpgrades(retryAfter: seconds)
    }

    /// Takes a place for a WebSocket.
    ///
    /// - Returns: nil where nothing is limited, or nobody knows the address.
    /// - Throws: 429 where the address has as many as it may.
    func connectionPlace(of address: IPAddress?) throws(Refusal) -> AddressPlace? {
        guard hasPlaces, let address else { return nil }
        guard let place = place(.connection, of: address) else { throw .tooManyOfAddress }
        return place
    }

    /// Takes a place for a socket.
    ///
    /// - Returns: false where the address has as many as it may. The place is nil where nothing is limited.
    func socketPlace(of address: IPAddress?) -> (isFree: Bool, place: AddressPlace?) {
        guard hasPlaces, let address else { return (true, nil) }
        let place = place(.socket, of: address)
        return (place != nil, place)
    }

    private func place(_ use: AddressTable.Use, of address: IPAddress) -> AddressPlace? {
        guard table.withLock({ $0.take(use, of: address) }) else { return nil }
        return AddressPlace(use, of: address, in: self)
    }

    fileprivate func giveBack(_ use: AddressTable.Use, of address: IPAddress) {
        table.withLock { $0.giveBack(use, of: address) }
    }
}

/// One of the places that an address may have. It is given back once: by its holder, or at the latest when nobody holds it
/// any more, so that no way in which a connection can fail loses one.
final class AddressPlace: Sendable {
    private let use: AddressTable.Use
    private let address: IPAddress
    private let limits: AddressLimits
    private let isGivenBack = Atomic<Bool>(false)

    fileprivate init(_ use: AddressTable.Use, of address: IPAddress, in limits: AddressLimits) {
        self.use = use
        self.address = address
        self.limits = limits
    }

    deinit { giveBack() }

    func giveBack() {
        guard !isGivenBack.exchange(true, ordering: .relaxed) else { return }
        limits.giveBack(use, of: address)
    }
}

extension AddressPlace: Equatable {
    static func == (one: AddressPlace, other: AddressPlace) -> Bool { one === other }
}
