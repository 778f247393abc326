import Domain
import Synchronization

/// Counts what users send against the rate limit: over their sessions here, and over those on the other instances.
///
/// A message is counted here at once. The other instances hear of it a few milliseconds later, together with what else
/// was sent meanwhile (docs/decisions/0032-rate-limit-per-user.md). Safe to call from any thread.
final class UserRates: Sendable {
    /// Users that have sent something lately. With names of a dozen bytes this is 64 MiB.
    static let maximumUsers = 1 << 20
    /// So that the event loops seldom wait for each other.
    private static let shardCount = 16

    private struct State {
        var table: RateTable
        /// Messages that the other instances have not heard of. Only of users in the table, so as bounded as that.
        var untold: [Username: Int] = [:]
    }

    private final class Shard: Sendable {
        let state: OrderedMutex<State>

        init(_ table: RateTable) { state = OrderedMutex(State(table: table)) }
    }

    private let shards: [Shard]
    /// Whether other instances run, which want to hear of what is sent.
    private let isShared: Atomic<Bool>
    /// Whether ``signals`` has one that nobody has answered by ``takeUntold()``.
    private let hasSignalled = Atomic<Bool>(false)
    /// Says that there is something that the other instances have not heard of. For one reader.
    let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init(_ limit: RateLimit, isShared: Bool = false, maximumUsers: Int = maximumUsers) {
        self.isShared = Atomic(isShared)
        let share = max(1, maximumUsers / Self.shardCount)
        shards = (0..<Self.shardCount).map { _ in Shard(RateTable(limit, maximumUsers: share)) }
        (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// By a sum over the bytes of the name, which costs less than a second hash for the table.
    private func shard(of user: Username) -> Shard {
        let sum = user.text.utf8.reduce(UInt(0)) { $0 &* 31 &+ UInt($1) }
        return shards[Int(sum % UInt(shards.count))]
    }

    /// Counts a message, where the user may send one now.
    func take(_ user: Username, now: ContinuousClock.Instant) -> RateTable.Outcome {
        let isShared = isShared.load(ordering: .relaxed)
        var isFirst = false
        let outcome = shard(of: user).state.withLock { state in
            let outcome = state.table.take(user, now: now)
            if isShared, outcome == .counted {
                isFirst = state.untold.isEmpty
                state.untold[user, default: 0] += 1
            }
            return outcome
        }
        if isFirst, !hasSignalled.exchange(true, ordering: .acquiringAndReleasing) { signal.yield() }
        return outcome
    }

    /// Counts what was sent on another instance.
    func add(_ sends: [UserSends], now: ContinuousClock.Instant) {
        for item in sends {
            shard(of: item.user).state.withLock { $0.table.add(item.count, by: item.user, now: now) }
        }
    }

    /// Forgets the users that have sent nothing for a window.
    func forget(now: ContinuousClock.Instant) {
        for shard in shards { shard.state.withLock { $0.table.forget(now: now) } }
    }

    /// Says whether other instances run. If none does, nothing is gathered for them.
    func share(_ isShared: Bool) { self.isShared.store(isShared, ordering: .relaxed) }

    /// What was sent here and not told before.
    func takeUntold() -> [UserSends] {
        // First, so that whoever adds something from now on signals again.
        _ = hasSignalled.exchange(false, ordering: .acquiringAndReleasing)
        var sends: [UserSends] = []
        for shard in shards {
            let untold = shard.state.withLock { state in
                let untold = state.untold
                if !untold.isEmpty { state.untold = [:] }
                return untold
            }
            for (user, count) in untold { sends.append(UserSends(user, count)) }
        }
        return sends
    }

    /// Of how many users something is known.
    var count: Int { shards.reduce(0) { sum, shard in sum + shard.state.withLock { $0.table.count } } }
}
