import Domain

/// What has happened on this instance lately, in memory only: the newest messages and events, and how many there were.
///
/// It costs a message one lock and no wait, whatever the number of its recipients. From any thread.
public final class ActivityLog: Sendable {
    /// What is known at one moment. Both lists begin with the oldest.
    public struct Report: Equatable, Sendable {
        /// At most ``ActivityLog/maximumMessages``.
        public let messages: [RecentMessage]
        /// At most ``ActivityLog/maximumEvents``.
        public let events: [ActivityEvent]
        public let totals: Totals
    }

    /// Counts since the start of the process.
    public struct Totals: Equatable, Sendable {
        /// Messages that came in through this instance and are stored: those of rooms, and private ones.
        public fileprivate(set) var messages = 0
        public fileprivate(set) var events = 0
    }

    public static let maximumMessages = 100
    public static let maximumEvents = 500
    /// Of the events those that strangers can cause as often as they like. They do not push the others out.
    static let maximumRefusals = 100

    private struct State {
        var totals = Totals()
        var messages = Ring<RecentMessage>(capacity: maximumMessages)
        var events = Ring<(number: Int, event: ActivityEvent)>(capacity: maximumEvents - maximumRefusals)
        var refusals = Ring<(number: Int, event: ActivityEvent)>(capacity: maximumRefusals)
    }

    private let keepsTexts: Bool
    private let state = OrderedMutex(State())

    /// - Parameter keepsTexts: whether what was said may be shown, or only that something was said.
    public init(keepsTexts: Bool = false) { self.keepsTexts = keepsTexts }

    public var totals: Totals { state.withLock { $0.totals } }

    public var report: Report {
        let (totals, messages, events, refusals) = state.withLock { state in
            (state.totals, state.messages, state.events, state.refusals)
        }
        return Report(
            messages: messages.elements,
            events: (events.elements + refusals.elements).sorted { $0.number < $1.number }.map(\.event),
            totals: totals)
    }

    /// Something happened.
    public func note(_ event: ActivityEvent) {
        state.withLock { state in
            state.totals.events += 1
            if event.kind == .refused {
                state.refusals.append((state.totals.events, event))
            } else {
                state.events.append((state.totals.events, event))
            }
        }
    }

    /// A draft was stored, for the first time. Of a private message only its sender's copy counts, and it is not kept.
    func noteStored(_ draft: Draft, at sequence: SequenceNumber) {
        let traits = draft.contribution.traits
        guard traits.visibility == .history else { return }  // no message
        switch draft.topic {
        case .inbox(let owner):
            guard owner.text == traits.author else { return }
            state.withLock { $0.totals.messages += 1 }
        case .room(let room):
            let recent = RecentMessage(
                id: traits.id, room: room, sender: traits.author, timestamp: traits.timestamp, sequence: sequence,
                bytes: traits.text.utf8.count, content: keepsTexts ? traits.text : nil)
            state.withLock { state in
                state.totals.messages += 1
                state.messages.append(recent)
            }
        }
    }
}
