import Domain
import Synchronization

/// Decides which instance may create a missing stream: one at a time.
///
/// nats-server 2.9 does not handle two simultaneous requests to create the same stream. Seen on 2.9.10 with two
/// clients: in about one of ten tries, one request is refused with “subjects overlap with an existing stream”, or both
/// succeed, and what is acknowledged and republished is not what is read. So the instances agree over core NATS. Each
/// announces its wish under a random name, and yields to a smaller name, or to an instance that is creating the stream
/// already.
///
/// A pure value.
struct MakingTurn {
    /// The messages between the instances.
    enum Word: Equatable {
        case wants(String)
        case makes(String)
    }

    private enum State {
        case asking
        case making
        case standingBack
    }

    private let name: String
    private var state = State.asking

    init(name: String = RandomToken.make()) { self.name = name }

    /// The first message, which announces the wish.
    var question: Word { .wants(name) }

    /// Takes a message, possibly this instance's own. - Returns: the answer for an instance that announced its wish
    /// later.
    mutating func hear(_ word: Word) -> Word? {
        switch (state, word) {
        case (_, .wants(name)), (_, .makes(name)), (.standingBack, _), (.making, .makes):
            return nil
        case (.asking, .wants(let other)) where name < other:
            return .wants(name)
        case (.asking, _):
            state = .standingBack
            return nil
        case (.making, .wants):
            return .makes(name)
        }
    }

    /// Called when every instance with precedence has had time to answer. - Returns: the message to send before
    /// creating the stream; nil: yield.
    mutating func begin() -> Word? {
        guard case .asking = state else { return nil }
        state = .making
        return .makes(name)
    }
}

extension MakingTurn.Word {
    init?(_ payload: [UInt8]) {
        let words = String(decoding: payload, as: UTF8.self).split(separator: " ")
        guard words.count == 2 else { return nil }
        switch words[0] {
        case "wants": self = .wants(String(words[1]))
        case "makes": self = .makes(String(words[1]))
        default: return nil
        }
    }

    var payload: [UInt8] {
        switch self {
        case .wants(let name): Array("wants \(name)".utf8)
        case .makes(let name): Array("makes \(name)".utf8)
        }
    }
}

extension StreamSetup {
    /// How long the others have to claim precedence: many times what a message takes between instances.
    private static let patience = Duration.milliseconds(250)

    /// Runs `make` if it is this instance's turn to make the stream.
    ///
    /// - Returns: nil if it is another instance's turn.
    func inTurn<Value>(
        _ kind: Topic.Kind, _ make: () async throws(JetStreamError) -> Value
    ) async throws(JetStreamError) -> Value? {
        let subject = Subject.making(kind)
        let turn = Mutex(MakingTurn())
        let connection = api.connection
        let subscription: NATSSubscription
        do throws(NATSError) {
            subscription = try NATSSubscription(to: subject, on: connection) { message in
                guard let word = MakingTurn.Word(message.payload),
                    let answer = turn.withLock({ $0.hear(word) })
                else { return }
                // An instance that misses this has no connection, so it cannot create the stream either.
                try? connection.publish(answer.payload, to: subject)
            }
        } catch {
            throw .unanswered(.notSent(error))
        }
        defer { subscription.cancel() }
        try say(turn.withLock(\.question), subject)
        try? await Task.sleep(for: Self.patience)
        guard let word = turn.withLock({ $0.begin() }) else { return nil }
        try say(word, subject)
        return try await make()
    }

    private func say(_ word: MakingTurn.Word, _ subject: String) throws(JetStreamError) {
        do throws(NATSError) {
            try api.connection.publish(word.payload, to: subject)
        } catch {
            throw .unanswered(.notSent(error))
        }
    }
}
