import DequeModule
import Wire

/// What waits to be sent, and what was sent and is not settled yet, in order.
///
/// In the classic dialect a line is settled once the operating system has it, in `chat.v2` once the server has answered.
/// Bounded twice: ``capacity`` lines wait, and ``window`` lines or ``windowBytes`` are unsettled. What was not settled
/// when a connection ended goes back to the front and is sent again on the next one.
struct Outbox: Sendable {
    static let capacity = 100
    static let window = 32
    static let windowBytes = 512 * 1024

    private(set) var waiting: Deque<Outgoing> = []
    private(set) var inFlight: Deque<(number: Int, item: Outgoing)> = []
    private var inFlightBytes = 0
    private var lastNumber = 0

    var isFull: Bool { waiting.count >= Self.capacity }
    var isEmpty: Bool { waiting.isEmpty && inFlight.isEmpty }
    /// All of it, in order.
    var items: [Outgoing] { inFlight.map(\.item) + waiting }
    var count: Int { waiting.count + inFlight.count }
    var hasMessages: Bool {
        waiting.contains { $0.request.isMessage } || inFlight.contains { $0.item.request.isMessage }
    }
    var messageCount: Int {
        waiting.count { $0.request.isMessage } + inFlight.count { $0.item.request.isMessage }
    }

    /// Whether a line on its way leads to that room.
    func leads(to room: String) -> Bool {
        waiting.contains { $0.request.destination == room } || inFlight.contains { $0.item.request.destination == room }
    }

    /// Where what is written next will be said: the room that the last line on its way leads to.
    var destination: String? {
        waiting.last { $0.request.destination != nil }?.request.destination
            ?? inFlight.last { $0.item.request.destination != nil }?.item.request.destination
    }

    mutating func append(_ item: Outgoing) {
        waiting.append(item)
    }

    /// The next line to give to the transport, if the window has room for it.
    mutating func takeNext(at now: Duration) -> (number: Int, item: Outgoing)? {
        waiting.isEmpty ? nil : take(at: 0, now)
    }

    /// Takes a line out of turn. `index` is one of ``waiting``'s.
    mutating func take(at index: Int, _ now: Duration) -> (number: Int, item: Outgoing)? {
        guard waiting.indices.contains(index), inFlight.count < Self.window, inFlightBytes < Self.windowBytes else {
            return nil
        }
        var item = waiting.remove(at: index)
        item.sentAt = now
        lastNumber += 1
        inFlightBytes += item.cost
        inFlight.append((lastNumber, item))
        return (lastNumber, item)
    }

    func item(_ number: Int) -> Outgoing? {
        inFlight.first { $0.number == number }?.item
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
    }
}
