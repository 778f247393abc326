import Domain
import NIOCore
import Service
import Wire

/// What the client says, and what it is told of that. On the event loop.
extension V2Conversation {
    /// Hands a draft to the log; the reply follows in its place.
    ///
    /// - Parameter accepted: when the first copy of a private message was handed to the log.
    func append(_ draft: Draft, ref: String?, accepted: NIODeadline? = nil) {
        let token = pending.submit(draft, ref: ref, at: accepted ?? connection.acceptanceTime)
        appendsInFlight += 1
        service.append(draft) { [self] result in
            loop.post(.settle { [self] in settle(token, result) })
        }
    }

    private func settle(_ token: PendingMessages.Token, _ result: Result<Stored, ChatError>) {
        appendsInFlight -= 1
        if let topic = pending.message(token)?.draft.topic {
            perform(pending.settle(token, result, readUpTo: cursor(of: topic)), token, result)
        }
        if appendsInFlight == 0 { afterAppends.take()?() }
        finishIfDone()
    }

    private func perform(
        _ outcome: PendingMessages.Outcome, _ token: PendingMessages.Token, _ result: Result<Stored, ChatError>
    ) {
        guard !isStale, !hasEnded else { return }
        switch outcome {
        case .wait:
            break
        case .acknowledge(let message, let stored):
            connection.write(acknowledgement(message, stored))
        case .refuse(let message):
            if case .failure(let error) = result {
                connection.write(V2Frame(V2Event(error), ref: message.ref))
                // What is refused for good is not sent again, so nothing can overtake it.
                if error.code == .unavailable { refuseQueued(behind: message.draft) }
            }
        case .doubt:
            doubt(token)
        }
    }

    /// The client's order: nothing that it said in the room after a message that failed is handed to the log.
    private func refuseQueued(behind draft: Draft) {
        let refused = lane.remove { input in
            guard case .success(let request) = input, case .chatMessage(_, let room, _) = request.command else {
                return false
            }
            return (room.flatMap { try? RoomName($0) } ?? session?.currentRoom) == draft.topic.room
        }
        for case .success(let request) in refused {
            let error = ChatError(.unavailable, "not sent: an earlier message of yours in this room was not stored")
            connection.write(V2Frame(V2Event(error), ref: request.ref))
        }
    }

    /// The log says that the message is stored where the reading has been already. If the log is the one that it was, the
    /// message is acknowledged all the same; else the connection ends, and what it waits for is settled by its resume.
    private func doubt(_ token: PendingMessages.Token) {
        guard let kind = pending.message(token)?.draft.topic.kind else { return }
        if doubts.add(token, kind) { enqueue(.verify(kind)) }
    }

    /// - Parameter doubted: what was in doubt when this began.
    func verify(_ kind: Topic.Kind, for doubted: [PendingMessages.Token]) async {
        do throws(ChatError) {
            try await service.verifyLog(kind)
        } catch {
            // Nobody knows: the client is told so, and tries again.
            loop.post(.perform { [self] in refuse(doubted, error) })
            return
        }
        loop.post(.perform { [self] in acknowledge(doubted) })
    }

    private func acknowledge(_ doubted: [PendingMessages.Token]) {
        guard !isStale else { return }
        for token in doubted {
            guard let (message, stored) = pending.trust(token) else { continue }
            connection.write(acknowledgement(message, stored))
        }
    }

    private func refuse(_ doubted: [PendingMessages.Token], _ error: ChatError) {
        guard !isStale else { return }
        for token in doubted {
            guard let (message, _) = pending.trust(token) else { continue }
            connection.write(V2Frame(V2Event(error), ref: message.ref))
        }
    }

    /// What is written when a message is acknowledged, which is counted here.
    func acknowledgement(_ message: PendingMessages.Message, _ stored: Stored) -> V2Frame {
        loop.recordAppend(since: message.accepted)
        return V2Frame(.ack(V2Ack(message.draft, stored)), ref: message.ref)
    }
}
