/// Checks that every acknowledged private message has reached its recipient.
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
    }

    func check(breaches: inout Breaches) {
        let inboxes = Dictionary(
            history.clients.filter { $0.role == .member }.map { ($0.name, inbox(of: $0)) },
            uniquingKeysWith: { first, _ in first })
        for client in history.clients {
            for entry in client.entries {
                guard case .acked(let ack) = entry.event, ack.room == nil, let sending = sent.byID[ack.id],
                    let recipient = sending.message.recipient, let inbox = inboxes[recipient],
                    inbox.isRead, !inbox.isTruncated, !inbox.seen.contains(sending.message.content),
                    !inbox.resets.contains(where: { $0 > sending.first })
                else { continue }
                breaches.add(
                    Breach(
                        kind: .privateLost, client: recipient, id: ack.id, at: entry.at, earlier: sending.first,
                        words: "sent and acknowledged to \(client.name), and it never came"))
            }
        }
    }

    private func inbox(of client: ClientLog) -> Inbox {
        var inbox = Inbox()
        var lastSeen: Moment?
        var hasQuit = false
        for entry in client.entries {
            switch entry.event {
            case .connected:
                let isLate = lastSeen.map { entry.at - $0 > Self.longestAbsence } ?? false
                if isLate || hasQuit { inbox.resets.append(entry.at) }
                hasQuit = false
            case .disconnected(let end):
                if end.cause != .unreachable {
                    lastSeen = entry.at
                    inbox.isRead = false
                }
                if end.cause == .quit {
                    hasQuit = true
                    inbox.resets.append(entry.at)
                }
            case .inbox(let page, let after, _):
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
