public import Domain
public import Service
import Synchronization

/// Presence within one process: nothing to reach, so nothing that fails, and nobody else who could die.
///
/// ``EmbeddedPresence`` decides; this keeps it under a lock, and tells the observer after it has let go of that.
public final class EmbeddedPresenceStore: PresenceStore {
    private struct State {
        var presence = EmbeddedPresence()
        var observer: (any PresenceObserver)?
    }

    private let state = Mutex(State())
    private let time: TimeSource

    /// - Parameter time: when users whose sessions share a name come and go.
    public init(time: TimeSource = .system) { self.time = time }

    /// The observer hears of users who came or went when nobody is known to have told it. Here is only this instance: none
    /// dies, and no name gets lost.
    public func start(_ observer: any PresenceObserver) { state.withLock { $0.observer = observer } }

    public func claim(_ claim: Claim) async throws(ChatError) -> Claimed {
        try change { presence, now throws(ChatError) in try presence.claim(claim, now: now) }
    }

    @discardableResult
    public func move(
        _ session: SessionID, leaving: Set<RoomName>, entering: RoomName?
    ) async throws(ChatError) -> Moved {
        try change { presence, now throws(ChatError) in
            try presence.move(session, leaving: leaving, entering: entering, now: now)
        }
    }

    public func told(_ notices: [String]) async { state.withLock { $0.presence.told(notices) } }

    public func release(_ session: SessionID) async {
        change { presence, now in presence.release(session, now: now) }
    }

    /// Changes something, and has the notices published that come before what the caller has to tell of it.
    private func change<Result, Failure: Error>(
        _ body: (inout EmbeddedPresence, Timestamp) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let now = time.wall()
        let (result, untold, observer) = try state.withLock { state throws(Failure) in
            let result = try body(&state.presence, now)
            return (result, state.presence.takeHandedOut(), state.observer)
        }
        var told: [String] = []
        for notice in untold {
            do throws(ChatError) {
                try observer?.presenceChanged(notice)
                told.append(notice.id)
            } catch {
                break  // The bus is stopped for good.
            }
        }
        if !told.isEmpty { state.withLock { $0.presence.told(told) } }
        return result
    }

    /// Always false: if this process is suspended, its store is suspended with it.
    public var namesAreDoubtful: Bool { false }
    public func confirmNames() async {}

    public func contains(_ username: Username) async throws(ChatError) -> Bool {
        state.withLock { $0.presence.contains(username) }
    }

    public func users(in room: RoomName?, _ range: ListRange) async throws(ChatError) -> ListPage<String> {
        state.withLock { $0.presence.users(in: room, range) }
    }

    public func rooms(_ range: ListRange) async throws(ChatError) -> ListPage<RoomSummary> {
        state.withLock { $0.presence.rooms(range) }
    }
}
