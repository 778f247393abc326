import Crypto
public import Domain
import InfrastructureFiles
public import Logging
public import NIOCore
public import Service
import Synchronization

/// Verifies JSON Web Tokens with the keys of the configuration.
///
/// Safe to call from any thread. Keys that come from a file or a URL are read while ``run()`` runs; a token whose key has to
/// be fetched waits for that. Without ``run()``, which the server starts before it lets anybody in, such a wait has no end.
public final class TokenAuthenticator: Authenticator, Sendable {
    /// Gets the bytes of a key set.
    public typealias Fetch = @Sendable () async throws(KeySetFetchError) -> [UInt8]

    struct State {
        var ring: KeyRing
        /// How often the keys have changed: what was verified before with others is not remembered.
        var generation = 0
        var remembered: RememberedTokens
        /// Nil where there is no URL.
        var schedule: KeySchedule?
        /// Tokens that wait for the end of a fetch. As many as there are clients at the door, which are counted there.
        var waiting: [CheckedContinuation<Void, Never>] = []
        var hasEnded = false
    }

    let settings: IdentitySettings
    let fetch: Fetch
    let time: TimeSource
    let logger: Logger
    let state: Mutex<State>
    /// Wakes ``run()``.
    let wakes: AsyncStream<Void>
    let wake: AsyncStream<Void>.Continuation
    /// The version of the key set's file that was read at the start.
    let filedVersion: FileVersion?

    /// Reads the files of the settings.
    ///
    /// - Throws: ``IdentityError`` for a file that cannot be read, or holds no key.
    public convenience init(
        _ settings: IdentitySettings, eventLoopGroup: any EventLoopGroup, time: TimeSource, logger: Logger
    ) throws(IdentityError) {
        let client = settings.keySetURL.map { KeySetClient(url: $0, eventLoopGroup: eventLoopGroup) }
        try self.init(settings, time: time, logger: logger) { () async throws(KeySetFetchError) in
            try await client?.fetch() ?? []
        }
    }

    /// - Parameters:
    ///   - fetch: gets what is at the URL of the settings. Called by one task at a time.
    ///   - capacity: how many verified tokens are remembered.
    init(
        _ settings: IdentitySettings, time: TimeSource, logger: Logger, capacity: Int = 16_384, fetch: @escaping Fetch
    ) throws(IdentityError) {
        self.settings = settings
        self.fetch = fetch
        self.time = time
        self.logger = logger
        filedVersion = FileVersion(path: settings.keySetFile)
        state = Mutex(
            State(
                ring: try settings.keyRing(), remembered: RememberedTokens(capacity: capacity),
                schedule: settings.keySetURL.map { _ in KeySchedule(now: time.monotonic()) }))
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: Tokens

    public func remembered(_ token: String) -> Principal? {
        guard token.utf8.count <= CompactToken.maximumBytes else { return nil }
        let digest = SHA256.hash(data: Array(token.utf8))
        let now = time.wall()
        return state.withLock { state in
            guard let principal = state.remembered.principal(of: digest) else { return nil }
            guard !settings.rules.hasExpired(principal, at: now) else {
                state.remembered.remove(digest)
                return nil
            }
            return principal
        }
    }

    public func authenticate(_ token: String) async throws(AuthenticationError) -> Principal {
        if let principal = remembered(token) { return principal }
        let compact = try CompactToken(token)
        var (ring, generation) = keys
        var verdict = ring.verdict(on: compact)
        if verdict != .verified, compact.algorithm != .hs256, !ring.knows(compact.keyID), await awaitKeys() {
            (ring, generation) = keys
            verdict = ring.verdict(on: compact)
        }
        if verdict == .unknownKey, settings.keySetURL != nil, ring.fetched.digest == nil {
            throw AuthenticationError("the keys for tokens cannot be fetched now, try again later")
        }
        if let error = verdict.error { throw error }
        let principal = try settings.rules.principal(of: compact.claims, at: time.wall())
        let digest = SHA256.hash(data: Array(token.utf8))
        state.withLock { state in
            if state.generation == generation { state.remembered.insert(principal, for: digest) }
        }
        return principal
    }

    private var keys: (ring: KeyRing, generation: Int) { state.withLock { ($0.ring, $0.generation) } }

    /// Waits for the end of the fetch that is under way, or begins one if it is time for that.
    ///
    /// - Returns: false where there is nothing to wait for; then the keys are the same as before.
    private func awaitKeys() async -> Bool {
        let now = time.monotonic()
        let mayWait = state.withLock { $0.schedule?.ask(now: now) ?? false }
        guard mayWait else { return false }
        wake.yield()
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard !state.hasEnded, state.schedule?.isBusy == true else { return true }
                state.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
        return true
    }
}
