import DequeModule
import NIOCore

/// The accepted sockets, what each is used for, and which are closed when there are too many.
///
/// A pure value. A socket without a request is of no use yet: when all places are taken, the one that has waited
/// longest is closed. Each gets a short time first, so that a request that is on its way can arrive.
struct SocketTable<ID: Hashable & Sendable> {
    enum Use {
        /// No request is complete: none was begun, or the current one is not finished.
        case waiting
        /// A request is complete, and its answer was not sent yet.
        case answering
        /// It is a WebSocket, which this table does not limit in time.
        case upgraded
        /// It was told to close.
        case closing
    }

    enum Room: Equatable {
        case free
        /// Nothing may be accepted before these sockets are closed.
        case after(closing: [ID])
        /// Nothing may be accepted before a socket closes, or before this moment; nil: only a closed socket helps.
        case full(until: NIODeadline?)
    }

    private struct Entry {
        var use: Use
        var since: NIODeadline
    }

    /// In order of time. Entries whose socket has changed its use since are still in it.
    private typealias Line = Deque<(id: ID, since: NIODeadline)>

    /// How long a socket may wait for its request, and for its answer, when others want its place.
    ///
    /// At the same time it is how long it takes until every place can be given away again. Clients that connect faster
    /// wait in the kernel's queue, and health checks with them, so it has to be short. When few clients connect, the
    /// oldest socket has had longer anyway.
    static var waitingGrace: TimeAmount { .milliseconds(50) }
    static var answeringGrace: TimeAmount { .seconds(10) }
    /// How many sockets are closed at a time: as many as one read of the listening socket accepts.
    static var roomMade: Int { 4 }

    let limit: Int
    private var entries: [ID: Entry] = [:]
    private var waiting = Line()
    private var answering = Line()
    private var closing = 0

    init(limit: Int) { self.limit = limit }

    var count: Int { entries.count }

    /// - Returns: false if the socket is known already.
    @discardableResult
    mutating func opened(_ id: ID, at now: NIODeadline) -> Bool {
        guard entries[id] == nil else { return false }
        enter(id, .waiting, now)
        return true
    }

    /// - Returns: false if the socket was told to close, or is not known.
    @discardableResult
    mutating func became(_ use: Use, _ id: ID, at now: NIODeadline) -> Bool {
        guard let entry = entries[id], entry.use != .closing else { return false }
        enter(id, use, now)
        return true
    }

    mutating func closed(_ id: ID) {
        if entries.removeValue(forKey: id)?.use == .closing { closing -= 1 }
    }

    /// Whether one more socket may be accepted. The sockets that this returns for closing count as closing from then
    /// on.
    ///
    /// - Parameter isRefused: whether the system refused another socket, whatever the limit says.
    mutating func room(at now: NIODeadline, isRefused: Bool = false) -> Room {
        guard entries.count >= limit || isRefused else { return .free }
        guard closing == 0 else { return .full(until: nil) }
        var leaving: [ID] = []
        while leaving.count < Self.roomMade, let id = longest(at: now) {
            entries[id]?.use = .closing
            closing += 1
            leaving.append(id)
        }
        return leaving.isEmpty ? .full(until: nextChance()) : .after(closing: leaving)
    }

    private mutating func enter(_ id: ID, _ use: Use, _ now: NIODeadline) {
        entries[id] = Entry(use: use, since: now)
        switch use {
        case .waiting: waiting.append((id, now))
        case .answering: answering.append((id, now))
        case .upgraded, .closing: break
        }
        // Each waiting socket is in the line once; the other entries are outdated.
        if waiting.count > 2 * entries.count + 64 { waiting = Line(waiting.filter { isStill(.waiting, $0) }) }
        if answering.count > 2 * entries.count + 64 { answering = Line(answering.filter { isStill(.answering, $0) }) }
    }

    private mutating func longest(at now: NIODeadline) -> ID? {
        dropChanged()
        if let first = waiting.first, first.since + Self.waitingGrace <= now { return waiting.removeFirst().id }
        if let first = answering.first, first.since + Self.answeringGrace <= now { return answering.removeFirst().id }
        return nil
    }

    private mutating func nextChance() -> NIODeadline? {
        dropChanged()
        let times = [
            waiting.first.map { $0.since + Self.waitingGrace }, answering.first.map { $0.since + Self.answeringGrace },
        ]
        return times.compactMap(\.self).min()
    }

    private mutating func dropChanged() {
        while let first = waiting.first, !isStill(.waiting, first) { waiting.removeFirst() }
        while let first = answering.first, !isStill(.answering, first) { answering.removeFirst() }
    }

    private func isStill(_ use: Use, _ place: (id: ID, since: NIODeadline)) -> Bool {
        guard let entry = entries[place.id] else { return false }
        return entry.use == use && entry.since == place.since
    }
}
