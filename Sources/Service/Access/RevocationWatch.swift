public import Domain
import Logging

/// Knows on this instance which tokens have been taken back, and keeps that the same as on all others.
///
/// A revocation comes over the bus at once. Should that be lost, the store's mark shows it: it is looked at every half
/// second. So a token is refused, and its sessions end, within a second on every instance that can reach the store.
///
/// An instance that was cut off from the bus, or frozen, is *in doubt* until it has looked at the store: no frame of a
/// client is handled before that (``ChatService/namesAreDoubtful``). Where the store cannot be reached either, connected
/// clients go on after one try, as they do when Redis is away: what was pushed and what was known still counts.
public final class RevocationWatch: Sendable {
    /// How long this instance may take between two looks at the store before it counts as frozen.
    static let patience = Duration.seconds(3)

    fileprivate struct State {
        var revocations = Revocations()
        /// The store's mark when it was last read; nil: never.
        var version: String?
        /// When the store was last looked at, with success or without.
        var looked: ContinuousClock.Instant
        /// How often something happened that makes a look necessary, and how much of that the last look was behind.
        var doubts = 0
        var doubtsCleared = 0
        var wasReachable = true
        var onNews: (@Sendable () -> Void)?
    }

    private let store: (any RevocationStore)?
    private let time: TimeSource
    private let logger: Logger
    private let state: OrderedMutex<State>
    private let flight = SingleFlight()

    /// - Parameter store: nil where there are no tokens: then nothing is revoked, and nothing costs anything.
    init(_ store: (any RevocationStore)?, time: TimeSource, logger: Logger) {
        self.store = store
        self.time = time
        self.logger = logger
        state = OrderedMutex(State(looked: time.monotonic()))
    }

    /// Whether tokens can be revoked here.
    public var isActive: Bool { store != nil }

    /// How many revocations are remembered.
    public var count: Int { state.withLock { $0.revocations.count } }

    /// Whether the token with which somebody came was taken back. From any thread, without waiting.
    public func isRevoked(_ principal: Principal) -> Bool {
        guard principal.kind == .token, store != nil else { return false }
        return state.withLock { $0.revocations.isRevoked(principal) }
    }

    /// - Parameter onNews: called when tokens are revoked that were not before, on any thread and without a lock.
    func start(_ onNews: @escaping @Sendable () -> Void) { state.withLock { $0.onNews = onNews } }

    // MARK: What comes in

    /// Something was revoked, here or elsewhere. - Returns: whether there was room for it.
    @discardableResult
    func take(_ entries: [RevocationEntry]) -> Bool {
        guard store != nil else { return true }
        let now = time.wall()
        let (hasNews, isFull, onNews) = state.withLock { state in
            var hasNews = false
            var isFull = false
            for entry in entries where entry.until > now {
                switch state.revocations.insert(entry) {
                case .news: hasNews = true
                case .known: break
                case .full: isFull = true
                }
            }
            // The next look reads the store: what it lost before its new mark was seen would go unnoticed.
            if hasNews { state.version = nil }
            return (hasNews, isFull, state.onNews)
        }
        if isFull { logger.error("too many revocations: one was not taken in") }
        if hasNews { onNews?() }
        return !isFull
    }

    /// Keeps a revocation that was made here. It counts here when this returns or throws.
    ///
    /// - Throws: ``ChatError/Code/unavailable`` where it is not stored. It is written as soon as the store can be reached
    ///   again and this instance still runs.
    func keep(_ entry: RevocationEntry) async throws(ChatError) {
        guard let store else { throw ChatError(.forbidden, "authentication is off: there are no tokens") }
        guard take([entry]) else {
            throw ChatError(.unavailable, "there are too many revocations; those of expired tokens go by themselves")
        }
        do throws(ChatError) {
            try await store.add([entry])
        } catch {
            // The next look finds that the store lacks it.
            state.withLock { $0.version = nil }
            throw error
        }
    }

    /// Entries may have been missed: the store is to be looked at before anything else is done for a client.
    func doubt() { state.withLock { $0.doubts += 1 } }

    // MARK: Doubts

    /// Whether the store must be looked at before a frame of a client is handled.
    var isInDoubt: Bool {
        guard store != nil else { return false }
        let now = time.monotonic()
        return state.withLock { $0.doubts != $0.doubtsCleared || now - $0.looked > Self.patience }
    }

    /// Looks at the store. Returns when that is done, or could not be done.
    func confirm() async {
        guard isInDoubt else { return }
        await lookAndTell()
    }

    // MARK: Looking

    /// Reads everything, before the first client comes.
    ///
    /// - Throws: ``ChatError/Code/unavailable``.
    public func load() async throws(ChatError) { try await look() }

    /// Looks at the store until it is cancelled.
    func run(every interval: Duration = .milliseconds(500)) async {
        guard store != nil else { return }
        var rounds = 0
        while !Task.isCancelled {
            await lookAndTell()
            rounds += 1
            if rounds.isMultiple(of: 120) {
                let now = time.wall()
                state.withLock { $0.revocations.removeExpired(at: now) }
            }
            try? await Task.sleep(for: interval)
        }
    }

    /// One line tells that the store is away, and one that it is back; not each look.
    private func lookAndTell() async {
        let doubts = state.withLock { $0.doubts }
        do throws(ChatError) {
            try await look()
            if !state.withLock({ $0.setReachable(true) }) { logger.notice("revocations can be read again") }
        } catch {
            let now = time.monotonic()
            let isNews = state.withLock { state in
                state.looked = now
                state.doubtsCleared = max(state.doubtsCleared, doubts)
                return state.setReachable(false)
            }
            if isNews {
                logger.warning(
                    "revocations cannot be read; those that are known count", metadata: ["error": "\(error.message)"])
            }
        }
    }

    /// Looks at the store's mark, and reads the store where it is another one than before.
    func look() async throws(ChatError) {
        guard let store else { return }
        try await flight.run { () throws(ChatError) in
            let now = time.monotonic()
            let doubts = state.withLock { $0.doubts }
            let version = try await store.version()
            if state.withLock({ $0.version != version }) { try await synchronise(with: store) }
            state.withLock { state in
                state.looked = now
                state.doubtsCleared = max(state.doubtsCleared, doubts)
            }
        }
    }

    /// Joins what is stored and what is known here: nothing is ever lost by that, on either side.
    private func synchronise(with store: any RevocationStore) async throws(ChatError) {
        let stored = try await store.load()
        take(stored.entries)
        var there = Revocations()
        for entry in stored.entries { there.insert(entry) }
        let now = time.wall()
        let missing = state.withLock { state in
            state.revocations.entries(missingIn: there).filter { $0.until > now }
        }
        if !missing.isEmpty {
            try await store.add(missing)
            logger.warning("the store had lost revocations", metadata: ["count": "\(missing.count)"])
        }
        state.withLock { $0.version = stored.version }
    }
}

extension RevocationWatch.State {
    /// - Returns: whether it was reachable before.
    fileprivate mutating func setReachable(_ isReachable: Bool) -> Bool {
        defer { wasReachable = isReachable }
        return wasReachable
    }
}
