import CoreMetrics
public import Domain
import Logging

/// How a session begins.
extension ChatService {
    /// Begins a session, or succeeds an earlier one of the same client.
    ///
    /// On return the user is in the session's rooms, and those there are told if that is news. A client that reads the log
    /// is shown nothing before it reads; one without history has gone live in its room.
    ///
    /// - Parameter goLive: for a reader without history; nil for one that reads the log.
    /// - Throws: ``ChatError/Code/usernameTaken``, ``ChatError/Code/unavailable``, and ``ChatError/Code/forbidden`` where the
    ///   request's principal may not read the room. Then nothing has changed.
    public func open(
        _ request: SessionRequest, through connection: any ClientConnection, goLive: GoLive? = nil
    ) async throws(ChatError) -> Session {
        let room = try request.principal.permissions.firstRoom(request.room)
        guard let goLive, let room else {
            return try await begin(request, in: room, following: [], through: connection, goLive: goLive)
        }
        let topic = Topic.room(room)
        try topics.follow(topic)
        await topics.awaitStart(of: topic)
        do throws(ChatError) {
            return try await begin(request, in: room, following: [topic], through: connection, goLive: goLive)
        } catch {
            topics.unfollow(topic)
            throw error
        }
    }
}

extension ChatService {
    /// - Parameters:
    ///   - room: where a session begins that succeeds none; nil: in no room.
    ///   - followed: by the session, from now on.
    private func begin(
        _ request: SessionRequest, in room: RoomName?, following followed: Set<Topic>,
        through connection: any ClientConnection,
        goLive: GoLive?
    ) async throws(ChatError) -> Session {
        let id = SessionID.random()
        let claimed = try await claim(await claim(for: request, in: room, id), by: connection.client)
        if case .possible = request.resumption, claimed.inboxStart == nil {
            // Where its inbox begins would never be known, and every resume would begin it anew.
            sessions.forget(id)
            await presence.release(id)
            throw ChatError(.unavailable, "the message store cannot be reached, try again later")
        }
        let session = Session(
            id: id, username: request.username, principal: request.principal, secret: claimed.secret,
            inboxStart: claimed.inboxStart ?? .zero, rooms: claimed.rooms.map(\.name), following: followed,
            connection: connection, since: time.wall())
        do throws(ChatError) {
            try await insert(session)
        } catch {
            // Its successor knows of this session only: nobody else tells whom this one has succeeded, or that they came.
            if session.isResumable { await tell(of: claimed, session, goLive: nil) }
            throw error
        }
        endIfRevoked(session)
        await tell(of: claimed, session, goLive: goLive)
        do throws(ChatError) {
            // The predecessor may have been allowed more.
            try await leaveWhatMayNotBeRead(session, request.principal.permissions, goLive: goLive, stopReading: nil)
            // The predecessor was leaving in this very moment, out of its rooms and still with its name; or it was in none.
            if let room, session.rooms.isEmpty { try await enter(room, session, stay: true, goLive: goLive) }
        } catch {
            await release(session)
            metrics.sessionsClosed.increment()
            throw error
        }
        return session
    }

    private func claim(for request: SessionRequest, in room: RoomName?, _ id: SessionID) async -> Claim {
        switch request.resumption {
        case .none:
            Claim(username: request.username, session: id, room: room, isShared: request.principal.sharesName)
        case .possible(let presented):
            Claim(
                username: request.username, session: id, room: room, secret: .random(), presented: presented,
                inboxStart: await inboxStart(for: request), isShared: request.principal.sharesName)
        }
    }

    /// Where the inbox of a new session begins: that of a user who has the name for good with the first message, else with
    /// what comes from now on. Nil while the log cannot be asked; who succeeds an earlier session is not kept out for that.
    private func inboxStart(for request: SessionRequest) async -> SequenceNumber? {
        guard !request.principal.sharesName else { return .zero }
        do throws(ChatError) {
            return try await log.head(of: .inbox(request.username))
        } catch {
            logger.debug("the start of an inbox is not known", metadata: ["error": "\(error.code)"])
            return nil
        }
    }

    /// While it is under way the session can be succeeded already, and is told so by ``insert(_:)``.
    private func claim(_ claim: Claim, by client: ClientDescription) async throws(ChatError) -> Claimed {
        sessions.expect(claim.session)
        do throws(ChatError) {
            return try await presence.claim(claim)
        } catch {
            sessions.forget(claim.session)
            activity.note(
                ActivityEvent(
                    .refused, at: time.wall(), username: claim.username.text, room: claim.room?.text,
                    address: client.address, reason: error.message))
            throw error
        }
    }

    private func insert(_ session: Session) async throws(ChatError) {
        guard sessions.insert(session) else {
            await presence.release(session.id)
            throw .usernameTaken
        }
        metrics.sessionsOpened.increment()
        note(.connected, session)
    }

    private func tell(of claimed: Claimed, _ session: Session, goLive: GoLive?) async {
        if let predecessor = claimed.predecessor {
            metrics.successions.increment()
            endEverywhere(predecessor)
        } else {
            for (room, members) in claimed.rooms {
                let news = claimed.news[room]
                let arrival = notice(.joined, session, in: room, members: members, news)
                goLive?(Move(left: [], arrival: arrival))
                if let news { await announce(arrival, news) }
            }
        }
    }
}
