import CoreMetrics
public import Domain
import Synchronization

extension ChatService {
    /// Says `content` in the session's current room. Returns at once.
    ///
    /// - Parameter completion: called exactly once, on any thread: with the message's place in the log once it is stored,
    ///   else with ``ChatError/Code/emptyMessage``, ``ChatError/Code/messageTooLong``, ``ChatError/Code/rateLimited`` or
    ///   ``ChatError/Code/unavailable``.
    public func send(
        _ content: String, from session: Session,
        completion: @escaping @Sendable (Result<Appended, ChatError>) -> Void
    ) {
        do throws(ChatError) {
            try check(content, from: session)
        } catch {
            metrics.messagesRefused.increment()
            return completion(.failure(error))
        }
        let draft = Draft(
            id: .random(), room: session.currentRoom, sender: session.username, content: content,
            timestamp: time.wall())
        metrics.messagesAccepted.increment()
        log.append(draft) { [metrics] result in
            switch result {
            case .success: metrics.appendsAcknowledged.increment()
            case .failure: metrics.appendsFailed.increment()
            }
            completion(result)
        }
    }

    private func check(_ content: String, from session: Session) throws(ChatError) {
        guard content.utf8.count <= limits.messageBytes else {
            throw ChatError(.messageTooLong, "message too long: at most \(limits.messageBytes) bytes")
        }
        guard content.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw ChatError(.emptyMessage, "message is empty")
        }
        try takeToken(session)
    }

    /// Counts one command against the session's rate, where there is room for it.
    ///
    /// - Returns: nil where it may be done now, else how long until one may.
    public func tokenWait(_ session: Session) -> Duration? { session.takeToken(now: time.monotonic()) }

    /// Counts one command against the session's rate, messages and others alike.
    ///
    /// - Throws: ``ChatError/Code/rateLimited``; then the command is not to be done.
    public func takeToken(_ session: Session) throws(ChatError) {
        guard let wait = tokenWait(session), let rate = limits.rate else { return }
        let seconds = max(1, Int((wait / .seconds(1)).rounded(.up)))
        throw ChatError(
            .rateLimited,
            "too many messages: at most \(rate.messages) in \(rate.window.components.seconds) s; "
                + "this one was left out, try again in \(seconds) s")
    }
}
