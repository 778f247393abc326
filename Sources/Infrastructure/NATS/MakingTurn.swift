import Domain
import Synchronization

/// Whose turn it is to make a stream that is missing: one instance's at a time.
///
/// nats-server 2.9 does not bear two requests at once that make the same stream. Seen on 2.9.10, under two clients at once: one
/// of them is refused, in about one of ten tries, since “subjects overlap with an existing stream”; or both make one, and
/// what is acknowledged and republished is not what is read. So the instances agree over core NATS: each says under a random
/// name that it wants to, and stands back for a smaller name, or for one that is at it already.
///
/// A pure value.
struct MakingTurn {
    /// What instances say to each other.
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

    /// What is said first.
    var question: Word { .wants(name) }

    /// Somebody has said something, possibly this one itself. - Returns: the answer, for those who came later.
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

    /// Whoever has a better right has had the time to say so. - Returns: what to say before beginning; nil: stand back.
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
    /// How long others are given to say that they have a better right: many times what a message takes between instances.
    private static let patience = Duration.milliseconds(250)

    /// Runs `make` if it is this instance's turn to make the stream.
    ///
    /// - Returns: nil where it is another's.
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
                // Who does not hear it has no connection, and makes nothing.
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
