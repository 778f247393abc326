import Wire

/// Private messages in `chat.v2`.
extension ClientState {
    /// A live private message.
    mutating func heard(_ message: V2PrivateMessage) -> [ClientEffect] { show(message) }

    /// A part of the inbox. The first one of all only tells where it stands: what is old was read elsewhere, or is none
    /// of this user's business.
    mutating func read(_ inbox: V2Inbox, at now: Duration) -> [ClientEffect] {
        v2.retries[.chore(.inbox)] = nil
        let isResume = v2.inbox.position != nil
        // Where the place to go on from is unknown to the log, the latest messages come, all of them older.
        let head = inbox.truncated ? inbox.messages.last?.sequence ?? .max : .max
        let isAnew = v2.inbox.begin(inbox.epoch, head: head)
        var effects: [ClientEffect] = []
        if isAnew { effects.append(.show(.status("the private messages were begun anew; some may be missing"))) }
        guard isResume else {
            v2.inbox.caughtUp(head: inbox.messages.last?.sequence ?? 0)
            return effects + inboxIsReady(at: now)
        }
        for message in inbox.messages {
            let shown = show(message)
            if case .report(.said)? = shown.first { v2.recovery?.messages += 1 }
            effects += shown
        }
        if inbox.truncated, !isAnew {
            if v2.recovery != nil {
                v2.recovery?.isTruncated = true
            } else {
                effects.append(.show(.status("some private messages may be missing")))
            }
        }
        if inbox.more, !inbox.messages.isEmpty { return effects + [ask(.inbox, at: now)] }
        v2.inbox.caughtUp(head: 0)
        return effects + inboxIsReady(at: now)
    }

    mutating func inboxIsReady(at now: Duration) -> [ClientEffect] {
        v2.inboxStanding = .ready
        return finishRecovery() + proceed(at: now)
    }

    private mutating func show(_ message: V2PrivateMessage) -> [ClientEffect] {
        guard v2.inbox.accept(message.sequence) else { return [] }
        guard message.sender.hasSameBytes(as: v2.username) else {
            return [.report(.said(Said(message, with: message.sender)))]
        }
        // The copy of one's own: stored, so it is settled where the server keeps the id. Where it does not, the
        // acknowledgement comes later, and names this place.
        let item = outbox.settle(id: message.id)
        _ = v2.inbox.acceptOwn(message.sequence)
        guard let item else { return [.report(.sentElsewhere(Said(message, with: message.to)))] }
        return [
            .report(
                .stored(
                    id: item.id, .user(message.to), content: message.content, timestamp: message.timestamp,
                    sequence: message.sequence))
        ]
    }
}

extension Said {
    init(_ message: V2PrivateMessage, with user: String) {
        self.init(
            place: .user(user), sender: message.sender, content: message.content, timestamp: message.timestamp,
            sequence: message.sequence)
    }

    init(_ message: V2Message, isLive: Bool) {
        self.init(
            place: .room(message.room), sender: message.sender, content: message.content,
            timestamp: message.timestamp, sequence: message.sequence, isLive: isLive)
    }
}
