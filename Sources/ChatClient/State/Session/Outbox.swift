import DequeModule
import Wire

/// The user's lines that are not settled yet, in order: those that wait, and those that were sent.
///
/// In the classic dialect a line is settled once the operating system has it, in `chat.v2` once the server has
/// answered. A line stays here until it is settled or removed, in one place, and under one number while it is on its
/// way. Bounded twice: at most ``capacity`` lines wait, and at most ``window`` lines or ``windowBytes`` are on their
/// way. When a connection ends, its unsettled lines go back to the front, and are sent again on the next one.
struct Outbox: Sendable {
    static let capacity = 100
    static let window = 32
    static let windowBytes = 512 * 1024

    /// Whether more lines are accepted.
    enum Intake: Equatable, Sendable {
        case open
        /// The rest is sent before the client ends, but no later than `until`.
        case draining(until: Duration?)
    }

    private(set) var waiting: Deque<Outgoing> = []
    private(set) var inFlight: Deque<(number: Int, item: Outgoing)> = []
    private(set) var intake = Intake.open
    var pacing = Pacing()
    /// Whether a line was not sent and never will be, or the server may not have passed it on.
    private(set) var hasLost = false
    private var inFlightBytes = 0
    private var lastNumber = 0

    // MARK: Looking in

    var isFull: Bool { waiting.count >= Self.capacity }
    var isEmpty: Bool { waiting.isEmpty && inFlight.isEmpty }
    /// All lines, in order.
    var items: [Outgoing] { inFlight.map(\.item) + waiting }
    var count: Int { waiting.count + inFlight.count }
    var messageCount: Int {
        waiting.count { $0.request.isMessage } + inFlight.count { $0.item.request.isMessage }
    }
    /// When the oldest unanswered line was sent.
    var oldestSentAt: Duration? { inFlight.compactMap(\.item.sentAt).min() }

    /// When the oldest message was sent that is not shown as waiting yet.
    var oldestNotShown: Duration? {
        inFlight.compactMap { $0.item.request.isMessage && !$0.item.isShownWaiting ? $0.item.sentAt : nil }.min()
    }

    /// Whether a pending line leads to that room.
    func leads(to room: String) -> Bool { items.contains { $0.request.destination == room } }

    /// The room to which the last pending line leads.
    var destination: String? { items.last { $0.request.destination != nil }?.request.destination }

    func item(_ number: Int) -> Outgoing? { inFlight.first { $0.number == number }?.item }

    // MARK: The end of the input

    var isDraining: Bool { intake != .open }

    var drainDeadline: Duration? { if case .draining(let deadline) = intake { deadline } else { nil } }

    mutating func drain(until deadline: Duration? = nil) { intake = .draining(until: deadline) }

    /// Whether the input has ended, and all of it is settled or the time for it is over.
    func isDrained(at now: Duration) -> Bool {
        guard case .draining(let deadline) = intake else { return false }
        return isEmpty || deadline.map { $0 <= now } ?? false
    }

    mutating func noteLoss() { hasLost = true }

    // MARK: Lines on their way

    mutating func append(_ item: Outgoing) { waiting.append(item) }

    /// Takes a line for the transport, if the window has room for it and there is no pause.
    /// - Parameter index: an index of ``waiting``; a line may be taken out of turn.
    /// - Returns: the line, and the number that stands for it until it is settled.
    mutating func take(at index: Int = 0, _ now: Duration) -> (number: Int, item: Outgoing)? {
        guard !pacing.isPaused, waiting.indices.contains(index), inFlight.count < Self.window,
            inFlightBytes < Self.windowBytes
        else { return nil }
        var item = waiting.remove(at: index)
        item.sentAt = now
        lastNumber += 1
        inFlightBytes += item.cost
        inFlight.append((lastNumber, item))
        return (lastNumber, item)
    }

    /// Removes a line that is done.
    mutating func settle(_ number: Int) -> Outgoing? {
        guard let index = inFlight.firstIndex(where: { $0.number == number }) else { return nil }
        let item = inFlight.remove(at: index).item
        inFlightBytes -= item.cost
        return item
    }

    /// Removes the message with this id, whether it waits or is on its way.
    mutating func settle(id: String) -> Outgoing? {
        if let number = inFlight.first(where: { $0.item.id.hasSameBytes(as: id) })?.number { return settle(number) }
        return waiting.firstIndex { $0.id.hasSameBytes(as: id) }.map { waiting.remove(at: $0) }
    }

    /// Puts a line back in front of all others, to be sent again.
    mutating func putBack(_ number: Int, isUncertain: Bool) {
        guard var item = settle(number) else { return }
        item.sentAt = nil
        item.isUncertain = item.isUncertain || isUncertain
        waiting.prepend(item)
    }

    /// Removes the lines that `isWanted` accepts, up to the next change of room.
    mutating func removeBeforeNextMove(where isWanted: (Outgoing) -> Bool) -> [Outgoing] {
        let end = waiting.firstIndex { $0.request.destination != nil } ?? waiting.endIndex
        let removed = waiting[..<end].filter(isWanted)
        waiting = Deque(waiting[..<end].filter { !isWanted($0) } + waiting[end...])
        return Array(removed)
    }

    /// Removes the lines whose outcome is unknown.
    mutating func removeUncertain() -> [Outgoing] {
        let removed = waiting.filter(\.isUncertain)
        waiting.removeAll(where: \.isUncertain)
        return Array(removed)
    }

    /// Marks messages that were sent at `moment` or before as shown, and returns those that were not marked before.
    mutating func showWaiting(sentUntil moment: Duration) -> [Outgoing] {
        var shown: [Outgoing] = []
        for index in inFlight.indices {
            let item = inFlight[index].item
            guard item.request.isMessage, !item.isShownWaiting, let sentAt = item.sentAt, sentAt <= moment else {
                continue
            }
            inFlight[index].item.isShownWaiting = true
            shown.append(item)
        }
        return shown
    }

    /// - Parameter isUncertain: whether the server may have read the lines that were on their way.
    mutating func connectionEnded(isUncertain: Bool) {
        for (number, _) in inFlight.reversed() { putBack(number, isUncertain: isUncertain) }
        pacing.connectionEnded()
    }
}
