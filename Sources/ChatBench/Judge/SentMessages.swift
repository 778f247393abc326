import Wire

/// The messages that the clients of the run sent, by id.
struct SentMessages: Sendable {
    struct Sending: Sendable {
        var message: Message
        /// An index into the history's clients.
        var client: Int
        var first: Moment
        var tries = 1
    }

    private(set) var byID = ByText<Sending>()
    /// The sent objects themselves: an unaltered message is the same object.
    private var objects: Set<ObjectIdentifier> = []

    init(_ history: History) {
        for (index, client) in history.clients.enumerated() {
            for entry in client.entries {
                guard case .sent(let message) = entry.event else { continue }
                byID[message.id, default: Sending(message: message, client: index, first: entry.at, tries: 0)].tries +=
                    1
                objects.insert(ObjectIdentifier(message))
            }
        }
    }

    /// What is wrong with a message as it was shown, apart from its place in the order; nil: nothing.
    func fault(of message: Message) -> (kind: Breach.Kind, words: String)? {
        if objects.contains(ObjectIdentifier(message)) { return nil }
        guard let sent = byID[message.id]?.message else { return (.unknown, "from “\(message.sender)”") }
        switch (sent.place, message.place) {
        case (.room(let meant), .room(let shown)) where meant != shown: return (.wrongRoom, "it was sent to \(meant)")
        case (.user(let meant), .user(let shown)) where meant != shown: return (.wrongReader, "it was sent to \(meant)")
        case (.room, .user): return (.altered, "a room's message became a private one")
        case (.user(let meant), .room): return (.wrongReader, "a private message to \(meant) was shown in a room")
        default: break
        }
        if !sent.sender.hasSameBytes(as: message.sender) {
            return (.altered, "it was sent by \(sent.sender), not \(message.sender)")
        }
        if !sent.content.hasSameBytes(as: message.content) { return (.altered, "its content is another one") }
        return nil
    }
}
