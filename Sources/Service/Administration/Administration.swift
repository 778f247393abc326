import Domain

/// What an administrator can ask of any instance, about all instances.
///
/// Instances answer each other over the bus. Nothing of that is stored: a list of sessions in Redis would have to be kept
/// true by everything that opens, moves and closes a session (docs/decisions/0027-administration.md).
final class Administration: Sendable {
    /// How long the other instances may take to answer.
    static let patience = Duration.seconds(1)
    /// Questions that may be open at a time.
    static let maximumQuestions = 32

    /// What an instance answers. The one who has asked knows which of them it is.
    enum Answer: Sendable {
        case users(UsersAnswer)
        case report(ReportAnswer)

        var id: String {
            switch self {
            case .users(let answer): answer.id
            case .report(let answer): answer.id
            }
        }

        var instance: String {
            switch self {
            case .users(let answer): answer.instance
            case .report(let answer): answer.instance
            }
        }
    }

    private struct State {
        var roster = InstanceRoster()
        var questions: [String: AsyncStream<Answer>.Continuation] = [:]
        var describe: (@Sendable () -> InstanceReport)?
    }

    /// The name of this instance; empty: it is alone, and says nothing of itself.
    let instance: String
    private let time: TimeSource
    private let state = OrderedMutex(State())

    init(instance: String, time: TimeSource) {
        self.instance = instance
        self.time = time
    }

    /// From now on this instance says of itself what `describe` returns.
    func describe(by describe: @escaping @Sendable () -> InstanceReport) { state.withLock { $0.describe = describe } }

    /// How this instance is; nil if it does not know yet.
    var ownReport: InstanceReport? { state.withLock { $0.describe }?() }

    func note(_ instance: String) {
        guard instance != self.instance else { return }
        state.withLock { $0.roster.note(instance, at: time.monotonic()) }
    }

    /// Whether another instance is known to run.
    var hasOthers: Bool { state.withLock { $0.roster.hasLiving(at: time.monotonic()) } }

    /// Whether the question is this instance's own, which it hears as all others do.
    func isAsking(_ id: String) -> Bool { state.withLock { $0.questions[id] != nil } }

    func take(_ answer: Answer) { state.withLock { $0.questions[answer.id] }?.yield(answer) }

    /// Asks all other instances, and waits for those that are known to run.
    ///
    /// - Parameter ask: tells the others the question with this id.
    /// - Returns: their answers, and the names of those that have not answered in time.
    /// - Throws: ``ChatError/Code/unavailable`` where too much is being asked already.
    func answers(
        _ ask: (_ id: String) throws(ChatError) -> Void
    ) async throws(ChatError) -> (answers: [Answer], missing: [String]) {
        var missing = state.withLock { $0.roster.living(at: time.monotonic()) }
        guard !missing.isEmpty else { return ([], []) }
        let id = SessionID.random().text
        // Each instance answers once; more than that many are not listed.
        let (stream, continuation) = AsyncStream.makeStream(
            of: Answer.self, bufferingPolicy: .bufferingOldest(InstanceRoster.maximumCount))
        let isTaken = state.withLock { state in
            guard state.questions.count < Self.maximumQuestions else { return false }
            state.questions[id] = continuation
            return true
        }
        guard isTaken else { throw ChatError(.unavailable, "too much is being asked, try again") }
        defer { state.withLock { _ = $0.questions.removeValue(forKey: id) } }
        do throws(ChatError) {
            try ask(id)
        } catch {
            return ([], missing.sorted())  // the network is down: nobody has heard it
        }
        let answers = await Self.gather(stream, continuation, from: missing)
        missing.subtract(answers.map(\.instance))
        return (answers, missing.sorted())
    }

    private static func gather(
        _ stream: AsyncStream<Answer>, _ continuation: AsyncStream<Answer>.Continuation,
        from instances: Set<String>
    ) async -> [Answer] {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await Task.sleep(for: patience)
                continuation.finish()
            }
            var answers: [Answer] = []
            var missing = instances
            for await answer in stream where !answers.contains(where: { $0.instance == answer.instance }) {
                answers.append(answer)
                missing.remove(answer.instance)
                if missing.isEmpty { break }
            }
            group.cancelAll()
            return answers
        }
    }
}
