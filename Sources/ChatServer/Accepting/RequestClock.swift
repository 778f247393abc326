import NIOCore

/// Until when the client of one HTTP connection has to take its next step. A pure value.
struct RequestClock {
    private enum Phase {
        /// Nothing was asked yet, or a request is begun.
        case asking
        case answering(Int)
        /// Between two requests.
        case idle
    }

    /// Between two requests.
    static let idleTime = TimeAmount.seconds(60)

    private let handshake: TimeAmount
    private var phase = Phase.asking
    /// Nil: the next step is ours.
    private(set) var deadline: NIODeadline?

    init(handshake: TimeAmount, at now: NIODeadline) {
        self.handshake = handshake
        deadline = now + handshake
    }

    /// Whether what is late is a request, not only its client's next idea.
    var isAsking: Bool { if case .asking = phase { true } else { false } }

    mutating func bytesCame(at now: NIODeadline) {
        guard case .idle = phase else { return }
        phase = .asking
        deadline = now + handshake
    }

    /// All of a request has been read. Several may be, before the first is answered.
    mutating func requestIsComplete() {
        deadline = nil
        if case .answering(let count) = phase { phase = .answering(count + 1) } else { phase = .answering(1) }
    }

    /// - Returns: whether that was the last that was due.
    mutating func requestIsAnswered(at now: NIODeadline) -> Bool {
        guard case .answering(let count) = phase else { return false }
        guard count == 1 else {
            phase = .answering(count - 1)
            return false
        }
        phase = .idle
        deadline = now + Self.idleTime
        return true
    }
}
