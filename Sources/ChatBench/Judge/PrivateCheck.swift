/// Checks that every acknowledged private message has reached every client of its recipient, and every other client of its
/// sender.
struct PrivateCheck {
    let history: History
    let sent: SentMessages

    /// After a longer absence the name may have been given up, and with it the inbox. This is below the usual grace
    /// period.
    private static let longestAbsence = Duration.seconds(5)

    private struct Inbox {
        var seen = TextSet()
        /// At these times the inbox may have begun again; messages sent before then reach nobody.
        var resets: [Moment] = []
        var isTruncated = false
        /// Whether the inbox was read to its end on the last connection.
        var isRead = false

        /// Whether the message had to come, and did not.
        func lacks(_ sending: SentMessages.Sending) -> Bool {
            isRead && !isTruncated && !seen.contains(sending.message.content)
                && !resets.contains { $0 > sending.first }
        }
    }

    func check(breaches: inout Breaches) {
        let members = history.clients.indices.filter { history.clients[$0].role == .member }
        let inboxes = Dictionary(grouping: members.map { ($0, inbox(of: history.clients[$0])) }) { index, _ in
            history.clients[index].user
        }
        for (sender, client) in history.clients.enumerated() {
            for entry in client.entries {
                guard case .acked(let ack) = entry.event, ack.room == nil, let sending = sent.byID[ack.id],
                    let recipient = sending.message.recipient
                else { continue }
                let own = recipient == client.user ? [] : inboxes[client.user] ?? []
                for (reader, inbox) in (inboxes[recipient] ?? []) + own
                where reader != sender && inbox.lacks(sending) {
                    breaches.add(
                        Breach(
                            kind: .privateLost, client: history.clients[reader].name, id: ack.id, at: entry.at,
                            earlier: sending.first,
                            words: "sent and acknowledged to \(client.name), and it never came"))
                }
            }
        }
    }

    private func inbox(of client: ClientLog) -> Inbox {
        var inbox = Inbox()
        var lastSeen: Moment?
        var hasQuit = false
        for entry in client.entries {
            switch entry.event {
            case .connected where !history.usesTokens:
                let isLate = lastSeen.map { entry.at - $0 > Self.longestAbsence } ?? false
                if isLate || hasQuit { inbox.resets.append(entry.at) }
                hasQuit = false
            case .disconnected(let end):
                if end.cause != .unreachable {
                    lastSeen = entry.at
                    inbox.isRead = false
                }
                if end.cause == .quit, !history.usesTokens {
                    hasQuit = true
                    inbox.resets.append(entry.at)
                }
            case .inbox(let page, let after, _):
                // The inbox of a user goes on, but a client that begins anew asks for the latest messages only.
                if history.usesTokens, after == nil, page.more { inbox.resets.append(entry.at) }
                inbox.seen.insert(contentsOf: page.messages.map(\.message.content))
                if page.truncated { inbox.isTruncated = true }
                if !page.more || after == nil { inbox.isRead = true }
            case .whispered(let sighting): inbox.seen.insert(sighting.message.content)
            default: break
            }
        }
        return inbox
    }
}
