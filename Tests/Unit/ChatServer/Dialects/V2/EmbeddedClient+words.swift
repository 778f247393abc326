import Wire

extension EmbeddedClient.Frame {
    var v2: V2Frame? { if case .v2(let frame) = self { frame } else { nil } }

    /// The number of what stands in a log: a message, or the acknowledgement of one's own.
    var sequences: [UInt64] {
        switch v2?.event {
        case .chatMessage(let message): [message.sequence]
        case .privateMessage(let message): [message.sequence]
        case .ack(let ack): ack.sequence.map { [$0] } ?? []
        case .history(let history): history.messages.map(\.sequence)
        default: []
        }
    }

    /// The frame in short.
    var words: String {
        switch self {
        case .v2(let frame): (frame.ref.map { $0 + ":" } ?? "") + frame.event.words
        case .close(let code): "close \(code ?? 0)"
        default: "\(self)"
        }
    }
}

extension V2Event {
    fileprivate var words: String {
        switch self {
        case .chatMessage(let message): "\(message.sequence) \(message.sender): \(message.content)"
        case .privateMessage(let message):
            "\(message.sequence) \(message.sender) to \(message.to): \(message.content)"
        case .ack(let ack): "ack \(ack.id ?? "-") \(ack.sequence ?? 0)" + (ack.isDuplicate ? " duplicate" : "")
        case .joined(let room, let members, let last, _): "joined \(room) \(members) last \(last)"
        case .left(let room): "left \(room)"
        case .history(let history):
            "history \(history.room) \(history.messages.map(\.sequence))" + (history.more ? " more" : "")
                + (history.truncated ? " truncated" : "")
        case .inbox(let inbox):
            "inbox \(inbox.messages.map(\.sequence))" + (inbox.more ? " more" : "")
                + (inbox.truncated ? " truncated" : "")
        case .gap(let room, let after, let before): "gap \(room) \(after)..\(before)"
        case .userJoined(let room, let username, let members, _): "+\(username)@\(room) \(members ?? 0)"
        case .userLeft(let room, let username, let members, _): "-\(username)@\(room) \(members ?? 0)"
        case .typing(let room, let username, let isTyping): "\(username) \(isTyping ? "writes" : "stops") in \(room)"
        case .error(let code, _, _): "error \(code)"
        case .reconnect(let reason, let delay): "reconnect in \(delay) ms: \(reason)"
        case .roomMembers(let room, let members, let joined, let left, _): "+\(joined) -\(left) =\(members)@\(room)"
        case .authenticated(let authenticated):
            "authenticated \(authenticated.role) \(authenticated.rooms ?? ["*"]) until \(authenticated.expiresAt ?? "ever")"
        default: type
        }
    }
}
