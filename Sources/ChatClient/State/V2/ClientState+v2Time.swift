import DequeModule
import Transport
import Wire

/// What is due by itself in `chat.v2`.
extension ClientState {
    var v2Deadlines: [Duration?] {
        guard dialect == .v2 else { return [] }
        var deadlines = v2.retries.values.map(\.at)
        deadlines.append(v2.comeBackAt)
        deadlines += v2.asked.values.map { $0 + Timing.reply }
        for (_, item) in outbox.inFlight {
            guard let sentAt = item.sentAt else { continue }
            deadlines.append(sentAt + Timing.reply)
            if showsWaiting, item.request.isMessage, !item.isShownWaiting { deadlines.append(sentAt + Timing.pending) }
        }
        return deadlines
    }

    private var showsWaiting: Bool { configuration.isInteractive }

    /// - Returns: `nil` where the connection goes on, with nothing to do before what waits is sent.
    mutating func v2Overdue(at now: Duration) -> [ClientEffect]? {
        guard dialect == .v2 else { return nil }
        if let comeBackAt = v2.comeBackAt, comeBackAt <= now {
            // Dropped and not closed: a proper goodbye would give the session up.
            return [.abandon(attempt)] + ended(.lost(""), at: now) + returnAtOnce(at: now)
        }
        let oldest = (outbox.inFlight.compactMap(\.item.sentAt) + v2.asked.values).min()
        if let oldest, oldest + Timing.reply <= now {
            return [.abandon(attempt)] + ended(.lost("the server does not answer"), at: now)
        }
        var effects: [ClientEffect] = []
        for (lane, retry) in v2.retries {
            guard let at = retry.at, at <= now else { continue }
            if case .chore(let chore) = lane { effects.append(ask(chore, at: now)) } else { v2.retries[lane]?.at = nil }
        }
        if showsWaiting {
            effects += outbox.showWaiting(sentUntil: now - Timing.pending).map { .report(.slow(line: $0.line)) }
        }
        return effects + resumeSending(at: now) + finishDraining(at: now)
    }

    private mutating func returnAtOnce(at now: Duration) -> [ClientEffect] {
        guard case .waiting(let moment) = phase, moment <= now else { return [] }
        return connect(at: now)
    }
}
