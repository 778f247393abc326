import InfrastructureFiles
import Logging
import Service
import Synchronization

/// How the keys are kept up to date.
extension TokenAuthenticator {
    /// How often the file of keys is looked at, and whether a fetch is due.
    private static let tick = Duration.milliseconds(500)

    /// Reads the keys' file again when it changes, and fetches those of the URL when it is time. Runs until it is cancelled.
    public func run() async {
        await withTaskGroup { tasks in
            if state.withLock({ $0.schedule != nil }) { tasks.addTask { await self.keepFetching() } }
            tasks.addTask { await self.keepLooking() }
        }
        endWaiting(isEnd: true)
    }

    private func keepLooking() async {
        var watch = FileWatch(read: filedVersion)
        while !Task.isCancelled {
            look(with: &watch)
            wake.yield()
            try? await Task.sleep(for: Self.tick)
        }
        wake.finish()
    }

    /// Looks whether the file of keys has changed, and reads it if so.
    func look(with watch: inout FileWatch<FileVersion?>) {
        guard !settings.keySetFile.isEmpty, watch.look(at: FileVersion(path: settings.keySetFile)) else { return }
        do throws(KeySetError) {
            let keys = try IdentitySettings.keySet(at: settings.keySetFile)
            change(\.filed, to: keys)
            logger.notice("jwt_jwks_file was read again")
        } catch {
            logger.error(
                "jwt_jwks_file cannot be used; the keys that were read before count", metadata: ["error": "it \(error)"]
            )
        }
    }

    private func keepFetching() async {
        for await _ in wakes { await fetchIfDue() }
    }

    /// Fetches the keys of the URL, if that is due or asked for.
    func fetchIfDue() async {
        let begins = time.monotonic()
        guard state.withLock({ $0.schedule?.begin(now: begins) ?? false }) else { return }
        let fetched = await fetchKeys()
        let now = time.monotonic()
        if case .success(let keys) = fetched { change(\.fetched, to: keys) }
        let isSuccess = if case .success = fetched { true } else { false }
        let isNews = state.withLock { $0.schedule?.end(hasSucceeded: isSuccess, now: now) ?? false }
        if isNews { tell(of: fetched) }
        endWaiting(isEnd: false)
    }

    private func fetchKeys() async -> Result<PublishedKeys, KeySetFetchError> {
        do throws(KeySetFetchError) {
            let bytes = try await fetch()
            do throws(KeySetError) {
                return .success(try PublishedKeys(bytes))
            } catch {
                return .failure(KeySetFetchError("\(error)"))
            }
        } catch {
            return .failure(error)
        }
    }

    private func tell(of fetched: Result<PublishedKeys, KeySetFetchError>) {
        switch fetched {
        case .success:
            logger.notice("the keys of jwt_jwks_url can be fetched again")
        case .failure(let error):
            logger.warning(
                "the keys of jwt_jwks_url cannot be fetched; those that were fetched before count",
                metadata: ["error": "it \(error)"])
        }
    }

    /// What was verified with the keys before is forgotten: one of them may be gone since it is no secret any more.
    private func change(_ source: WritableKeyPath<KeyRing, PublishedKeys>, to keys: PublishedKeys) {
        state.withLock { state in
            guard state.ring[keyPath: source].digest != keys.digest else { return }
            state.ring[keyPath: source] = keys
            state.generation += 1
            state.remembered.removeAll()
        }
    }

    private func endWaiting(isEnd: Bool) {
        let waiting = state.withLock { state in
            if isEnd { state.hasEnded = true }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
