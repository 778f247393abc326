import DequeModule
import Wire

/// One line on its way to the server.
struct Outgoing: Equatable, Sendable {
    var command: ClassicCommand

    /// A rough size in memory, in bytes.
    var cost: Int {
        switch command {
        case .chatMessage(let content): content.utf8.count + 64
        case .joinRoom, .leaveRoom, .listUsers, .listRooms: 128
        }
    }
}

/// What waits to be sent and what was given to the transport but has not reached the operating system yet, in order.
///
/// Bounded twice: ``capacity`` lines wait, and ``window`` lines or ``windowBytes`` are with the transport. What the
/// transport had not passed on when a connection ended goes back to the front and is sent again on the next one: no
/// server can have read it whole.
struct Outbox: Equatable, Sendable {
    static let capacity = 100
    static let window = 32
    static let windowBytes = 512 * 1024

    private var waiting: Deque<Outgoing> = []
    private var inFlight: Deque<(number: Int, item: Outgoing)> = []
    private var inFlightBytes = 0
    private var lastNumber = 0

    var isFull: Bool { waiting.count >= Self.capacity }
    var isEmpty: Bool { waiting.isEmpty && inFlight.isEmpty }
    var count: Int { waiting.count + inFlight.count }
    var waitingCount: Int { waiting.count }
    var inFlightCount: Int { inFlight.count }

    mutating func append(_ item: Outgoing) {
        waiting.append(item)
    }

    /// The next line to give to the transport, if the window has room for it.
    mutating func takeNext() -> (number: Int, item: Outgoing)? {
        guard inFlight.count < Self.window, inFlightBytes < Self.windowBytes, let item = waiting.popFirst() else {
            return nil
        }
        lastNumber += 1
        inFlightBytes += item.cost
        inFlight.append((lastNumber, item))
        return (lastNumber, item)
    }

    /// The transport passed this one on.
    mutating func settle(_ number: Int) -> Outgoing? {
        guard let index = inFlight.firstIndex(where: { $0.number == number }) else { return nil }
        let item = inFlight.remove(at: index).item
        inFlightBytes -= item.cost
        return item
    }

    mutating func connectionEnded() {
        waiting.prepend(contentsOf: inFlight.map(\.item))
        inFlight = []
        inFlightBytes = 0
    }

    static func == (left: Outbox, right: Outbox) -> Bool {
        left.waiting == right.waiting && left.inFlight.map(\.item) == right.inFlight.map(\.item)
    }
}
