import Domain
import Service
import Wire

/// What a conversation waits for.
enum V2Job: Sendable {
    case open(Admission)
    case request(V2Request, Session)
    /// Find out first whether the session still has its name.
    case confirm(V2Conversation.Input)
    case read(TopicReaders.Wanted)
    /// Find out whether the log is still the one it was.
    case verify(Topic.Kind)
    /// Tell how many a room has now.
    case count(RoomName, Session)
    /// The last one.
    case close(Session, isGoodbye: Bool)
}

/// Does one job of a conversation, away from the event loop. It has no state.
struct V2Errand: Sendable {
    /// What follows on the event loop when the job is done.
    enum Outcome: Sendable {
        case opened(Session)
        case refused
        case requestDone
        /// The input has its turn now.
        case confirmed(V2Conversation.Input)
        case done
    }

    let connection: Connection
    let edge: Edge
    let sending: V2Sending
    let reading: V2Reading
    /// Called on the event loop.
    let perform: @Sendable (V2Step) -> Void

    /// - Parameter doubted: the messages that a question about the log is asked for.
    func run(_ job: V2Job, doubted: [PendingMessages.Token]) async -> Outcome {
        switch job {
        case .open(let admission):
            return await open(admission)
        case .request(let request, let session):
            await V2RequestErrand(
                request: request, session: session, connection: connection, edge: edge, perform: perform
            ).run()
            return .requestDone
        case .confirm(let input):
            await edge.service.confirmNames()
            return .confirmed(input)
        case .read(let wanted):
            await read(wanted)
        case .verify(let kind):
            await sending.verify(kind, for: doubted)
        case .count(let room, let session):
            await tellMembers(of: room, session)
        case .close(let session, let isGoodbye):
            await edge.service.close(session, isGoodbye: isGoodbye)
            edge.errands.end()
        }
        return .done
    }

    private func open(_ admission: Admission) async -> Outcome {
        do throws(ChatError) {
            let request = SessionRequest(
                admission.username, principal: admission.principal, entering: admission.room,
                resumption: .possible(presenting: admission.secret))
            let session = try await edge.service.open(request, through: connection)
            connection.send(V2Frame(.welcome(V2Welcome(session, edge))))
            connection.greeted()
            return .opened(session)
        } catch {
            connection.send(V2Frame(V2Event(error)))
            connection.close(error.code == .usernameTaken ? .usernameTaken : .unavailable)
            edge.errands.end()
            return .refused
        }
    }

    private func read(_ wanted: TopicReaders.Wanted) async {
        do throws(ChatError) {
            try await reading.read(wanted) { page, isLast in post(.show(page, wanted, isLast: isLast)) }
        } catch {
            post(.pageFailed)
        }
    }

    /// For a client that is live again: what it is told from now on counts on from here.
    private func tellMembers(of room: RoomName, _ session: Session) async {
        do throws(ChatError) {
            guard let notice = try await edge.service.members(of: room, for: session) else { return }
            connection.send(V2Frame(.roomMembers(notice)))
        } catch {
            // Nobody can count now. The next who comes or goes brings the number.
        }
    }

    private func post(_ step: V2Step) {
        connection.connectionLoop.post(.perform { perform(step) })
    }
}
