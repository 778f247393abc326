public import Domain

/// Keeps which tokens have been taken back, for all instances and through restarts of everything, until the tokens would
/// have expired by themselves.
///
/// Two adapters: Redis, and the embedded one in the data directory.
///
/// - Durability: what ``add(_:)`` has returned for is kept as well as the store keeps anything: on the disk of this server,
///   or by Redis as its own configuration says. An instance writes again what it knows and the store has lost.
/// - Order: none. Revocations are only added, and go when their time is over, so the order does not matter.
/// - Failure: ``ChatError/Code/unavailable`` where the store cannot be reached. Nobody knows then whether something was
///   added; adding it again is safe.
/// - Threads: safe to call from any; no call blocks its thread.
public protocol RevocationStore: Sendable {
    /// A mark of what is stored. It is another one than before when something was added, here or on another instance, or
    /// when the store has lost what it held. Cheap: it is asked for twice a second.
    func version() async throws(ChatError) -> String

    /// Everything that is stored and not over, with the mark that it had before it was read.
    func load() async throws(ChatError) -> StoredRevocations

    /// Stores more. What is stored already is kept for the longer of both times.
    func add(_ entries: [RevocationEntry]) async throws(ChatError)
}

/// What a store of revocations holds.
public struct StoredRevocations: Equatable, Sendable {
    public let version: String
    public let entries: [RevocationEntry]

    public init(version: String, entries: [RevocationEntry]) {
        self.version = version
        self.entries = entries
    }
}
