import NIOCore

/// The time by which the client of an HTTP connection has to take its next step. A pure value.
struct RequestClock {
    private enum Phase {
        /// No request was made yet, or one is incomplete.
        case asking
        case answering(Int)
        /// Between two requests.
        case idle
    }

    /// How long a connection may be idle between two requests.
    static let idleTime = TimeAmount.seconds(60)

    private let handshake: TimeAmount
    private var phase = Phase.asking
    /// Nil: the next step is the server's.
    private(set) var deadline: NIODeadline?

    init(handshake: TimeAmount, at now: NIODeadline) {
        self.handshake = handshake
        deadline = now + handshake
    }

    /// Whether an overdue client owes a request, rather than being idle between two.
    var isAsking: Bool { if case .asking = phase { true } else { false } }

    mutating func bytesCame(at now: NIODeadline) {
        guard case .idle = phase else { return }
        phase = .asking
        deadline = now + handshake
    }

    /// A request was read completely. Several may be, before the first one is answered.
    mutating func requestIsComplete() {
        deadline = nil
        if case .answering(let count) = phase { phase = .answering(count + 1) } else { phase = .answering(1) }
    }

    /// - Parameter hasBegunNext: some of another request has come already, perhaps in one piece with this one.
    /// - Returns: whether no request is left to answer.
    mutating func requestIsAnswered(hasBegunNext: Bool = false, at now: NIODeadline) -> Bool {
        guard case .answering(let count) = phase else { return false }
        guard count == 1 else {
            phase = .answering(count - 1)
            return false
        }
        phase = hasBegunNext ? .asking : .idle
        deadline = now + (hasBegunNext ? handshake : Self.idleTime)
        return true
    }
}
