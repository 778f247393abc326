import Domain

/// One active topic: its tracker, and the window of its newest messages.
///
/// What is shown is shown under its lock: the bus's thread, a repair and a reader that joins in must not overtake each
/// other. An event loop never takes it, so a wait for event loops under it ends.
final class Feed: Sendable {
    struct State {
        var tracker = GapTracker()
        var window = Filling.empty
        /// How often the log was another one. What was read before that says nothing.
        private(set) var generation = 0
        /// Since when a hole has held back what comes; nil while there is none.
        fileprivate(set) var repairingSince: ContinuousClock.Instant?

        /// The log is another one, or was put back to an older state: what stands beyond `sequence` is new.
        mutating func renew(after sequence: SequenceNumber) {
            generation += 1
            tracker.renew(after: sequence)
            window = .empty
        }
    }

    enum Filling {
        case empty
        /// The log is being read; what is shown meanwhile is kept for the window.
        case filling(shown: [Entry])
        case filled(Window)
    }

    /// What may be shown while the window is being filled.
    static let maximumShown = 4096

    let topic: Topic
    private let state = OrderedMutex(State(), rank: .feed)
    /// Fills the window.
    let filling = SingleFlight()
    /// Asks the log for what the tracker wants.
    let repairing = SingleFlight()
    private let budget: WindowBudget
    private let now: @Sendable () -> ContinuousClock.Instant
    private let mayWaitHere: @Sendable () -> Bool

    /// - Parameter mayWaitHere: see ``BlockingThreads/mayWaitHere``.
    init(
        _ topic: Topic, budget: WindowBudget, now: @escaping @Sendable () -> ContinuousClock.Instant,
        mayWaitHere: @escaping @Sendable () -> Bool = { true }
    ) {
        self.topic = topic
        self.budget = budget
        self.now = now
        self.mayWaitHere = mayWaitHere
    }

    deinit { budget.change(by: -state.withLock { $0.bytes }) }

    /// As ``withState(_:)``, with something that was read; nil where the log has become another one since.
    func withState<Value>(of generation: Int, _ body: (inout State) -> Value) -> Value? {
        withState { $0.generation == generation ? body(&$0) : nil }
    }

    /// Works on the state, and accounts for what its window has come to keep or let go, and for when a repair begins.
    ///
    /// Waits where another thread shows something: neither on an event loop nor on Swift's pool.
    func withState<Value>(_ body: (inout State) -> Value) -> Value {
        assert(mayWaitHere(), "a feed's lock is taken on a thread that may not wait")
        return state.withLock { state in
            let before = state.bytes
            defer {
                if state.bytes > WindowBudget.share, state.bytes > before, budget.isExhausted {
                    state.shrinkWindow(toBytes: WindowBudget.share)
                }
                if state.bytes != before { budget.change(by: state.bytes - before) }
                if state.tracker.isRepairing != (state.repairingSince != nil) {
                    state.repairingSince = state.tracker.isRepairing ? now() : nil
                }
            }
            return body(&state)
        }
    }
}

extension Feed.State {
    fileprivate var bytes: Int { filled?.bytes ?? 0 }

    fileprivate mutating func shrinkWindow(toBytes bytes: Int) {
        guard case .filled(var filled) = window else { return }
        window = .empty
        filled.shrink(toBytes: bytes)
        window = .filled(filled)
    }

    /// The log has dropped something. What is in memory shows no more of it than the log does.
    mutating func forget(_ dropped: BusEvent.Dropped) {
        switch dropped {
        case .upTo(let sequence): window.drop(upTo: sequence)
        case .unknown: window = .empty
        }
    }

    var filled: Window? { if case .filled(let window) = window { window } else { nil } }

    /// Keeps what is shown. Called before it is shown.
    ///
    /// - Parameter retained: how many of the topic's newest entries the log keeps.
    mutating func keep(_ output: GapTracker.Output, retained: Int = .max) {
        switch output {
        case .entry(let entry): window.append(entry, retained: retained)
        case .gap(_, let before): window.raiseFloor(to: before)
        case .late: break
        }
    }
}

extension Feed.Filling {
    // What is filled is taken out of the enum while it changes: held twice, each entry would cost a copy of all of them.

    fileprivate mutating func append(_ entry: Entry, retained: Int) {
        switch consume self {
        case .filled(var window):
            window.append(entry, retained: retained)
            self = .filled(window)
        case .filling(var shown) where shown.count < Feed.maximumShown:
            shown.append(entry)
            self = .filling(shown: shown)
        case .filling, .empty:  // read again: the log is too slow for this
            self = .empty
        }
    }

    fileprivate mutating func raiseFloor(to sequence: SequenceNumber) {
        guard case .filled(var window) = self else { return }
        self = .empty
        window.raiseFloor(to: sequence)
        self = .filled(window)
    }

    /// The log retains nothing any more up to `sequence`. What is being read may be older than that, and is read again.
    fileprivate mutating func drop(upTo sequence: SequenceNumber) {
        guard case .filled(var window) = self else { return self = .empty }
        self = .empty
        window.drop(upTo: sequence)
        self = .filled(window)
    }
}
