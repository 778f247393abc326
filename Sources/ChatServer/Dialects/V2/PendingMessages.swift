import DequeModule
import Domain
import NIOCore
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
        /// When it was handed to the log.
        let accepted: NIODeadline
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
        let token: Token
        let message: Message
        var stored: Stored?
    }

    /// In the order in which they were submitted, which is most often the one in which they go: the first is looked at first.
    private var entries: Deque<Entry> = []
    private var lastToken = 0

    var count: Int { entries.count }

    /// The message is handed to the log.
    mutating func submit(_ draft: Draft, ref: String?, at accepted: NIODeadline) -> Token {
        lastToken += 1
        let message = Message(ref: ref, draft: draft, accepted: accepted)
        entries.append(Entry(token: lastToken, message: message))
        return lastToken
    }

    func message(_ token: Token) -> Message? { place(of: token).map { entries[$0].message } }

    /// The log has answered.
    ///
    /// - Parameter cursor: up to where the connection has read the message's topic; nil: it does not read it.
    mutating func settle(
        _ token: Token, _ result: Result<Stored, ChatError>, readUpTo cursor: SequenceNumber?
    ) -> Outcome {
        guard let place = place(of: token) else { return .wait }  // the reading was faster
        switch result {
        case .failure:
            return .refuse(entries.remove(at: place).message)
        case .success(let stored):
            guard let cursor, !stored.isDuplicate else {
                return .acknowledge(entries.remove(at: place).message, stored)
            }
            entries[place].stored = stored
            return stored.sequence > cursor ? .wait : .doubt
        }
    }

    /// The reading has come to a message.
    ///
    /// What an earlier try has stored has the id, and the time of that try: whether the one that waits is the same message or
    /// a later one, of which the log remembered no id any more, only the log's word tells.
    ///
    /// - Returns: the connection's own one, if it is one that waits and has been stored here and now.
    mutating func pass(_ topic: Topic, _ id: MessageID, _ timestamp: Timestamp) -> Message? {
        let place = entries.firstIndex { entry in
            let draft = entry.message.draft
            return draft.id == id && draft.timestamp == timestamp && draft.topic == topic
        }
        return place.map { entries.remove(at: $0).message }
    }

    /// The connection reads the topic no more, or not what stands up to `cursor`: what the log has acknowledged there need
    /// not wait for its place.
    mutating func endReading(
        _ topic: Topic, upTo cursor: SequenceNumber = SequenceNumber(.max)
    ) -> [(message: Message, stored: Stored)] {
        var ended: [(message: Message, stored: Stored)] = []
        var others: Deque<Entry> = []
        for entry in entries {
            if entry.message.draft.topic == topic, let stored = entry.stored, stored.sequence <= cursor {
                ended.append((entry.message, stored))
            } else {
                others.append(entry)
            }
        }
        if !ended.isEmpty { entries = others }
        return ended
    }

    /// Whatever the reading says, the log is the one it was.
    mutating func trust(_ token: Token) -> (message: Message, stored: Stored)? {
        guard let place = place(of: token), let stored = entries[place].stored else { return nil }
        return (entries.remove(at: place).message, stored)
    }

    mutating func removeAll() { entries.removeAll() }

    private func place(of token: Token) -> Int? { entries.firstIndex { $0.token == token } }
}
