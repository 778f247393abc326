import Domain
import Service
import Synchronization

/// The incarnation (epoch) of a stream, as this instance knows it, and the greatest sequence seen in it.
final class LogIncarnation: Sendable {
    private struct State {
        var created: String
        var epoch: Epoch
        var newest: UInt64

        init(_ report: StreamReport) {
            created = report.created
            epoch = report.epoch
            newest = report.last
        }
    }

    private let state: Mutex<State>
    /// Kept outside of the lock, because it is read for each message.
    private let limit: Atomic<Int64>
    private let removals: Mutex<RemovalWatch>

    init(_ report: StreamReport) {
        state = Mutex(State(report))
        limit = Atomic(report.limit)
        removals = Mutex(RemovalWatch(since: report))
    }

    /// How many messages of one subject the stream keeps, as of the last check.
    var messagesPerSubject: Int { Int(clamping: limit.load(ordering: .relaxed)) }

    /// - Returns: what the stream has dropped since the last report.
    func look(at report: StreamReport) -> BusEvent.Dropped? {
        if report.epoch == epoch { saw(limit: report.limit) }
        return removals.withLock { $0.look(at: report) }
    }

    private func saw(limit: Int64) { self.limit.store(limit, ordering: .relaxed) }

    var epoch: Epoch { state.withLock { $0.epoch } }

    /// The greatest sequence that was acknowledged or delivered.
    var newest: UInt64 { state.withLock { $0.newest } }

    /// Notes a sequence that was acknowledged or delivered.
    func saw(_ sequence: UInt64) { state.withLock { $0.newest = max($0.newest, sequence) } }

    /// - Returns: if the stream is another incarnation than before, the sequence after which everything is new;
    ///   otherwise nil.
    func update(_ report: StreamReport) -> SequenceNumber? {
        saw(limit: report.limit)
        return state.withLock { state in
            guard state.epoch != report.epoch else {
                state.newest = max(state.newest, report.last)
                return nil
            }
            let isSameStream = state.created == report.created
            state = State(report)
            return isSameStream ? SequenceNumber(report.note?.restoration?.last ?? 0) : .zero
        }
    }
}

/// Checks whether a stream exists, and whether it is still the same incarnation.
final class StreamWatch: Sendable {
    let incarnation: LogIncarnation
    private let kind: Topic.Kind
    private let setup: StreamSetup
    private let onReport: @Sendable (StreamReport) -> Void
    private let onRenewed: @Sendable (SequenceNumber) async -> Void
    private let verification = Coalesced<Epoch>()

    /// - Parameters:
    ///   - onReport: called with each report of the stream.
    ///   - onRenewed: called when the stream was replaced or restored to an older state, with the sequence after which
    ///     everything is new.
    init(
        _ kind: Topic.Kind, incarnation: LogIncarnation, setup: StreamSetup,
        onReport: @escaping @Sendable (StreamReport) -> Void,
        onRenewed: @escaping @Sendable (SequenceNumber) async -> Void
    ) {
        self.kind = kind
        self.incarnation = incarnation
        self.setup = setup
        self.onReport = onReport
        self.onRenewed = onRenewed
    }

    /// Asks the stream for its state. - Returns: what it has dropped since the last time.
    func lookForRemovals() async -> BusEvent.Dropped? {
        guard let report = try? await setup.api.streamInfo(kind.stream) else { return nil }
        return incarnation.look(at: report)
    }

    /// Asks the stream for its state, and creates it again if it is gone. Simultaneous calls share an answer; each gets
    /// one that was requested after the call.
    func verify() async throws -> Epoch {
        try await verification.run { [self] in
            let seen = incarnation.newest
            let known = incarnation.epoch
            var report = try await setup.look(kind)
            // For a moment after its election a leader may report less than it holds.
            for _ in 0..<4 where report.epoch == known && report.last < seen {
                try await Task.sleep(for: .milliseconds(250))
                report = try await setup.look(kind)
            }
            if report.epoch == known, report.last < seen { report = try await setup.markRestored(kind, report) }
            onReport(report)
            if let after = incarnation.update(report) { await onRenewed(after) }
            return report.epoch
        }
    }
}
