import DequeModule
import NIOCore

/// The accepted sockets, what each is used for, and which of them has to go when there are too many.
///
/// A pure value. Without a request a socket is of no use to anybody: when all places are taken, the one that has been so
/// for longest makes room. Each has a moment first, so that a request that is on its way arrives.
struct SocketTable<ID: Hashable & Sendable> {
    enum Use {
        /// A request is not complete: not begun, begun, or the next one of several.
        case waiting
        /// A request is complete, its answer not sent.
        case answering
        /// It is a WebSocket, which others look after.
        case upgraded
        /// It was told to close.
        case closing
    }

    enum Room: Equatable {
        case free
        /// Nobody is to be accepted before these are closed.
        case after(closing: [ID])
        /// Nobody is to be accepted before one is closed, or until then; nil: no time helps.
        case full(until: NIODeadline?)
    }

    private struct Entry {
        var use: Use
        var since: NIODeadline
    }

    /// In the order of their times; what has changed since is still in it.
    private typealias Line = Deque<(id: ID, since: NIODeadline)>

    /// How long a socket may wait for its request, and for its answer, when others want its place.
    ///
    /// The first is also the time in which all places can change hands, and those who connect faster wait in the kernel's
    /// queue, health checks among them. It can be short: where nobody connects that fast, the oldest has had longer.
    static var waitingGrace: TimeAmount { .milliseconds(50) }
    static var answeringGrace: TimeAmount { .seconds(10) }
    /// As many as one read of the listening socket accepts.
    static var roomMade: Int { 4 }

    let limit: Int
    private var entries: [ID: Entry] = [:]
    private var waiting = Line()
    private var answering = Line()
    private var closing = 0

    init(limit: Int) { self.limit = limit }

    var count: Int { entries.count }

    /// - Returns: false where it is known already.
    @discardableResult
    mutating func opened(_ id: ID, at now: NIODeadline) -> Bool {
        guard entries[id] == nil else { return false }
        enter(id, .waiting, now)
        return true
    }

    /// - Returns: false where it was told to close, or is not known.
    @discardableResult
    mutating func became(_ use: Use, _ id: ID, at now: NIODeadline) -> Bool {
        guard let entry = entries[id], entry.use != .closing else { return false }
        enter(id, use, now)
        return true
    }

    mutating func closed(_ id: ID) {
        if entries.removeValue(forKey: id)?.use == .closing { closing -= 1 }
    }

    /// Whether one more may be accepted. The sockets that are to be closed count as such from now on.
    ///
    /// - Parameter isRefused: the system gives no more sockets, whatever the limit says.
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
        // Each socket is in a line once; the rest of it is what has changed since.
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
