import Domain
import Service

/// The messages of one connection that are not acknowledged yet, and when that is to be said.
///
/// A pure value. A first acknowledgement stands in its message's place in the topic's order: the log's word alone is not
/// enough where the connection reads the topic; the reading must have come to the message.
struct PendingMessages {
    typealias Token = Int

    struct Message: Equatable {
        let ref: String?
        let draft: Draft
    }

    enum Outcome: Equatable {
        /// Nothing to say yet.
        case wait
        case acknowledge(Message, Stored)
        case refuse(Message)
        /// The reading has passed the message's place without meeting it: the log is not the one it was.
        case doubt
    }

    private struct Entry {
        let message: Message
        var stored: Stored?
    }

    private struct Name: Hashable {
        let topic: Topic
        let id: MessageID
    }

    private var entries: [Token: Entry] = [:]
    private var names: [Name: [Token]] = [:]
    private var lastToken = 0

    var count: Int { entries.count }

    /// The message is handed to the log.
    mutating func submit(_ draft: Draft, ref: String?) -> Token {
        lastToken += 1
        entries[lastToken] = Entry(message: Message(ref: ref, draft: draft))
        names[Name(topic: draft.topic, id: draft.id), default: []].append(lastToken)
        return lastToken
    }

    func message(_ token: Token) -> Message? { entries[token]?.message }

    /// The log has answered.
    ///
    /// - Parameter cursor: up to where the connection has read the message's topic; nil: it does not read it.
    mutating func settle(
        _ token: Token, _ result: Result<Stored, ChatError>, readUpTo cursor: SequenceNumber?
    ) -> Outcome {
        guard let message = entries[token]?.message else { return .wait }  // the reading was faster
        switch result {
        case .failure:
            remove(token)
            return .refuse(message)
        case .success(let stored):
            guard let cursor, !stored.isDuplicate else {
                remove(token)
                return .acknowledge(message, stored)
            }
            entries[token]?.stored = stored
            return stored.sequence > cursor ? .wait : .doubt
        }
    }

    /// The reading has come to a message. - Returns: the connection's own one, if it is one that waits.
    mutating func pass(_ topic: Topic, _ id: MessageID) -> Message? {
        guard let token = names[Name(topic: topic, id: id)]?.first, let message = entries[token]?.message else {
            return nil
        }
        remove(token)
        return message
    }

    /// The connection reads the topic no more, or not what stands up to `cursor`: what the log has acknowledged there need
    /// not wait for its place.
    mutating func endReading(
        _ topic: Topic, upTo cursor: SequenceNumber = SequenceNumber(.max)
    ) -> [(message: Message, stored: Stored)] {
        let stored = entries.filter { _, entry in
            guard entry.message.draft.topic == topic, let stored = entry.stored else { return false }
            return stored.sequence <= cursor
        }
        return stored.sorted { $0.key < $1.key }.compactMap { token, entry in
            remove(token)
            return entry.stored.map { (entry.message, $0) }
        }
    }

    /// Whatever the reading says, the log is the one it was.
    mutating func trust(_ token: Token) -> (message: Message, stored: Stored)? {
        guard let entry = entries[token], let stored = entry.stored else { return nil }
        remove(token)
        return (entry.message, stored)
    }

    mutating func removeAll() {
        entries.removeAll()
        names.removeAll()
    }

    private mutating func remove(_ token: Token) {
        guard let draft = entries.removeValue(forKey: token)?.message.draft else { return }
        let name = Name(topic: draft.topic, id: draft.id)
        names[name]?.removeAll { $0 == token }
        if names[name]?.isEmpty == true { names[name] = nil }
    }
}
