import Domain
import Synchronization

/// The gap trackers of the active rooms, and which of them somebody has to look after.
final class RoomFeeds: Sendable {
    /// One room's tracker. Entries are shown under its lock: the bus's thread and a repair must not overtake each other.
    /// The edge's loops never take it, so a wait for them there ends.
    final class Feed: Sendable {
        let room: RoomName
        let tracker = Mutex(GapTracker())

        init(_ room: RoomName) { self.room = room }
    }

    private struct State {
        var feeds: [RoomName: Feed] = [:]
        /// Rooms whose tracker wants something of the log.
        var urgent: Set<RoomName> = []
        /// Rooms with entries since their head was last compared with the log's.
        var unchecked: Set<RoomName> = []
        /// The newest entry seen when the connection was lost, until it is back.
        var lostAfter: SequenceNumber?
        /// All rooms may have missed entries beyond this one.
        var interruptedAfter: SequenceNumber?
        /// The newest entry seen, of any room.
        var newest = SequenceNumber.zero
    }

    private let state = Mutex(State())

    func open(_ room: RoomName) {
        state.withLock { state in
            state.feeds[room] = Feed(room)
            state.urgent.insert(room)
        }
    }

    func close(_ room: RoomName) {
        state.withLock { state in
            state.feeds[room] = nil
            state.urgent.remove(room)
            state.unchecked.remove(room)
        }
    }

    /// The feed of an active room, for an entry that came in live.
    func feed(for entry: LogEntry) -> Feed? {
        state.withLock { state in
            state.newest = max(state.newest, entry.sequence)
            return state.feeds[entry.room]
        }
    }

    func feed(_ room: RoomName) -> Feed? { state.withLock { $0.feeds[room] } }

    func all() -> [Feed] { state.withLock { Array($0.feeds.values) } }

    func markUrgent(_ room: RoomName) {
        state.withLock { state in
            if state.feeds[room] != nil { state.urgent.insert(room) }
        }
    }

    func markUnchecked(_ room: RoomName) {
        state.withLock { state in
            if state.feeds[room] != nil { state.unchecked.insert(room) }
        }
    }

    /// The connection was lost: what comes after the newest entry seen may be missed.
    func markLost() {
        state.withLock { state in
            state.lostAfter = min(state.lostAfter ?? state.newest, state.newest)
        }
    }

    /// The connection is back.
    func markInterrupted() {
        state.withLock { state in
            let after = state.lostAfter ?? state.newest
            state.interruptedAfter = min(state.interruptedAfter ?? after, after)
            state.lostAfter = nil
        }
    }

    /// A read of all rooms has failed: it is still to be done.
    func markInterrupted(after: SequenceNumber) {
        state.withLock { $0.interruptedAfter = min($0.interruptedAfter ?? after, after) }
    }

    /// Another log: what was seen of the old one says nothing. - Returns: all feeds, to be begun anew.
    func renew() -> [Feed] {
        state.withLock { state in
            state.urgent = Set(state.feeds.keys)
            state.unchecked = []
            state.lostAfter = nil
            state.interruptedAfter = nil
            state.newest = .zero
            return Array(state.feeds.values)
        }
    }

    /// Takes what is to be looked after now.
    func takeUrgent() -> (rooms: Set<RoomName>, interruptedAfter: SequenceNumber?) {
        state.withLock { state in
            defer {
                state.urgent = []
                state.interruptedAfter = nil
            }
            return (state.urgent, state.interruptedAfter)
        }
    }

    func takeUnchecked() -> Set<RoomName> {
        state.withLock { state in
            defer { state.unchecked = [] }
            return state.unchecked
        }
    }
}
