import DequeModule
import Wire

/// What was typed and is not settled yet, in order: what waits, and what was sent.
///
/// In the classic dialect a line is settled once the operating system has it, in `chat.v2` once the server has answered.
/// A line that was appended is here until it is settled or removed, in one place, and under one number while it is sent.
/// Bounded twice: ``capacity`` lines wait, and ``window`` lines or ``windowBytes`` are unsettled. What was not settled
/// when a connection ended goes back to the front and is sent again on the next one.
struct Outbox: Sendable {
    static let capacity = 100
    static let window = 32
    static let windowBytes = 512 * 1024

    /// Whether more is taken in.
    enum Intake: Equatable, Sendable {
        case open
        /// What is there is sent before the client ends. `until`: nobody waits any longer for it.
        case draining(until: Duration?)
    }

    private(set) var waiting: Deque<Outgoing> = []
    private(set) var inFlight: Deque<(number: Int, item: Outgoing)> = []
    private(set) var intake = Intake.open
    var pacing = Pacing()
    /// A line was not sent and never will be, or the server may not have passed it on.
    private(set) var hasLost = false
    private var inFlightBytes = 0
    private var lastNumber = 0

    // MARK: Looking in

    var isFull: Bool { waiting.count >= Self.capacity }
    var isEmpty: Bool { waiting.isEmpty && inFlight.isEmpty }
    /// All of it, in order.
    var items: [Outgoing] { inFlight.map(\.item) + waiting }
    var count: Int { waiting.count + inFlight.count }
    var messageCount: Int {
        waiting.count { $0.request.isMessage } + inFlight.count { $0.item.request.isMessage }
    }
    /// When the line was sent that has been waiting for its answer longest.
    var oldestSentAt: Duration? { inFlight.compactMap(\.item.sentAt).min() }

    /// When the message was sent that is not shown as waiting, and should be next.
    var oldestNotShown: Duration? {
        inFlight.compactMap { $0.item.request.isMessage && !$0.item.isShownWaiting ? $0.item.sentAt : nil }.min()
    }

    /// Whether a line on its way leads to that room.
    func leads(to room: String) -> Bool { items.contains { $0.request.destination == room } }

    /// The room that the last line on its way leads to.
    var destination: String? { items.last { $0.request.destination != nil }?.request.destination }

    func item(_ number: Int) -> Outgoing? { inFlight.first { $0.number == number }?.item }

    // MARK: The end of the input

    var isDraining: Bool { intake != .open }

    var drainDeadline: Duration? { if case .draining(let deadline) = intake { deadline } else { nil } }

    mutating func drain(until deadline: Duration? = nil) { intake = .draining(until: deadline) }

    /// Whether the input has ended, and all of it is settled or nobody waits for it any more.
    func isDrained(at now: Duration) -> Bool {
        guard case .draining(let deadline) = intake else { return false }
        return isEmpty || deadline.map { $0 <= now } ?? false
    }

    mutating func noteLoss() { hasLost = true }

    // MARK: Lines on their way

    mutating func append(_ item: Outgoing) { waiting.append(item) }

    /// Gives a line to the transport, if the window has room for it and there is no pause.
    /// - Parameter index: one of ``waiting``'s; a line may be taken out of turn.
    /// - Returns: the line, and the number by which it is known until it is settled.
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

    /// This one is done with.
    mutating func settle(_ number: Int) -> Outgoing? {
        guard let index = inFlight.firstIndex(where: { $0.number == number }) else { return nil }
        let item = inFlight.remove(at: index).item
        inFlightBytes -= item.cost
        return item
    }

    /// The message with this id is done with, wherever it is.
    mutating func settle(id: String) -> Outgoing? {
        if let number = inFlight.first(where: { $0.item.id.hasSameBytes(as: id) })?.number { return settle(number) }
        return waiting.firstIndex { $0.id.hasSameBytes(as: id) }.map { waiting.remove(at: $0) }
    }

    /// This one is to be sent again, before all others.
    mutating func putBack(_ number: Int, isUncertain: Bool) {
        guard var item = settle(number) else { return }
        item.sentAt = nil
        item.isUncertain = item.isUncertain || isUncertain
        waiting.prepend(item)
    }

    /// Takes out the lines in front of the next change of room that `isWanted`.
    mutating func removeBeforeNextMove(where isWanted: (Outgoing) -> Bool) -> [Outgoing] {
        let end = waiting.firstIndex { $0.request.destination != nil } ?? waiting.endIndex
        let removed = waiting[..<end].filter(isWanted)
        waiting = Deque(waiting[..<end].filter { !isWanted($0) } + waiting[end...])
        return Array(removed)
    }

    /// Takes out the lines about which it is not known what became of them.
    mutating func removeUncertain() -> [Outgoing] {
        let removed = waiting.filter(\.isUncertain)
        waiting.removeAll(where: \.isUncertain)
        return Array(removed)
    }

    /// Marks what has been with the server since `moment` or longer as shown, and gives those not shown before.
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

    /// - Parameter isUncertain: the server may have read what is in flight.
    mutating func connectionEnded(isUncertain: Bool) {
        for (number, _) in inFlight.reversed() { putBack(number, isUncertain: isUncertain) }
        pacing.connectionEnded()
    }
}
