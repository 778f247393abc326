import Domain
import Service
import Synchronization

/// Which incarnation a stream is, as far as this instance knows, and how far it has been seen to reach.
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
    /// Apart from the state, since it is asked for with each message.
    private let limit: Atomic<Int64>
    private let removals: Mutex<RemovalWatch>

    init(_ report: StreamReport) {
        state = Mutex(State(report))
        limit = Atomic(report.limit)
        removals = Mutex(RemovalWatch(since: report))
    }

    /// How many messages of one subject the stream keeps, as it was last seen to be set.
    var messagesPerSubject: Int { Int(clamping: limit.load(ordering: .relaxed)) }

    /// - Returns: what the stream has let go of since it was last looked at.
    func look(at report: StreamReport) -> BusEvent.Dropped? {
        if report.epoch == epoch { saw(limit: report.limit) }
        return removals.withLock { $0.look(at: report) }
    }

    private func saw(limit: Int64) { self.limit.store(limit, ordering: .relaxed) }

    var epoch: Epoch { state.withLock { $0.epoch } }

    /// The greatest number that was acknowledged or heard.
    var newest: UInt64 { state.withLock { $0.newest } }

    /// Something was acknowledged or heard.
    func saw(_ sequence: UInt64) { state.withLock { $0.newest = max($0.newest, sequence) } }

    /// - Returns: beyond which number everything is new, where it is another incarnation than before; else nil.
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

/// Looks whether a stream is there, and whether it is still the one that is known.
final class StreamWatch: Sendable {
    let incarnation: LogIncarnation
    private let kind: Topic.Kind
    private let setup: StreamSetup
    private let onReport: @Sendable (StreamReport) -> Void
    private let onRenewed: @Sendable (SequenceNumber) async -> Void
    private let verification = Coalesced<Epoch>()

    /// - Parameters:
    ///   - onReport: called with what the stream says of itself, each time when it was asked.
    ///   - onRenewed: called when the stream is found to be another one than before, or put back to an older state, with the
    ///     number beyond which everything is new.
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

    /// Asks the stream what it still has. - Returns: what it has let go of since the last time.
    func lookForRemovals() async -> BusEvent.Dropped? {
        guard let report = try? await setup.api.streamInfo(kind.stream) else { return nil }
        return incarnation.look(at: report)
    }

    /// Asks the stream, and makes it anew where it is gone. Several calls at once share an answer; each gets one that was
    /// asked for after it came.
    func verify() async throws -> Epoch {
        try await verification.run { [self] in
            let seen = incarnation.newest
            let known = incarnation.epoch
            var report = try await setup.look(kind)
            // A leader that has just been elected may say less than it holds for a moment.
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
