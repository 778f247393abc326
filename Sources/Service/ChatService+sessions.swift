import CoreMetrics
public import Domain
import Logging
import Synchronization

/// Sessions that are shown their one room live, as the classic dialect wants it.
extension ChatService {
    /// Begins a session: claims the name in the whole cluster and enters `room`.
    ///
    /// On return the connection is in the room and everyone there, its own user too, is told.
    ///
    /// - Throws: ``ChatError/Code/usernameTaken``, ``ChatError/Code/unavailable``. Then nothing has changed.
    public func connect(
        _ username: Username, entering room: RoomName, through connection: any ClientConnection
    ) async throws(ChatError) -> Session {
        let id = SessionID.random()
        try enterInterest(in: .room(room))
        await awaitStart(of: .room(room))
        let claimed: Claimed
        let session: Session
        do throws(ChatError) {
            claimed = try await claim(Claim(username: username, session: id, room: room))
            session = Session(
                id: id, username: username, rooms: [room], connection: connection, rateLimit: limits.rate,
                now: time.monotonic())
            try await begin(session)
        } catch {
            leaveInterest(in: .room(room))
            throw error
        }
        _ = session.beginFollowing(.room(room))
        let notice = notice(.joined, session, in: room, members: claimed.rooms.first?.members)
        session.connection.enter(room, showing: notice)
        announce(notice)
        return session
    }

    /// Ends a session: its rooms are told and the name is free. Never fails; see ``PresenceStore/release(_:)``.
    public func disconnect(_ session: Session) async {
        for room in session.rooms { session.connection.exit(room) }
        leaveInterests(session)
        await release(session)
        metrics.sessionsClosed.increment()
    }
}

/// Sessions that read their rooms, and whose clients may come back to them.
extension ChatService {
    /// Begins a session, or succeeds an earlier one of the same client.
    ///
    /// On return the user is in the session's rooms and those there are told, if they are news; the connection is shown
    /// nothing before it reads.
    ///
    /// - Parameter presented: the secret of the client's earlier session.
    /// - Throws: ``ChatError/Code/usernameTaken``, ``ChatError/Code/unavailable``. Then nothing has changed.
    public func open(
        _ username: Username, entering room: RoomName, presenting presented: SessionSecret?,
        through connection: any ClientConnection
    ) async throws(ChatError) -> Session {
        let id = SessionID.random()
        let claimed = try await claim(
            Claim(
                username: username, session: id, room: room, secret: .random(), presented: presented,
                inboxStart: await inboxHead(of: username)))
        guard let inboxStart = claimed.inboxStart else {
            // Where its inbox begins would never be known, and every resume would begin it anew.
            sessions.forget(id)
            await presence.release(id)
            throw ChatError(.unavailable, "the message store cannot be reached, try again later")
        }
        let session = Session(
            id: id, username: username, secret: claimed.secret, inboxStart: inboxStart,
            rooms: claimed.rooms.map(\.name), connection: connection, rateLimit: limits.rate, now: time.monotonic())
        do throws(ChatError) {
            try await begin(session)
        } catch {
            // Its successor knows of this session only: nobody else tells whom this one has succeeded, or that they came.
            tell(of: claimed, session)
            throw error
        }
        tell(of: claimed, session)
        if claimed.rooms.isEmpty { try await enterAnew(room, session) }
        return session
    }

    private func tell(of claimed: Claimed, _ session: Session) {
        if let predecessor = claimed.predecessor {
            metrics.successions.increment()
            endEverywhere(predecessor)
        } else {
            for (room, members) in claimed.rooms { announce(notice(.joined, session, in: room, members: members)) }
        }
    }

    /// The predecessor was leaving in this very moment: out of its rooms, and still with its name.
    private func enterAnew(_ room: RoomName, _ session: Session) async throws(ChatError) {
        do throws(ChatError) {
            _ = try await join(session, room, stay: true)
        } catch {
            await release(session)
            metrics.sessionsClosed.increment()
            throw error
        }
    }

    /// Where the inbox of a new user of the name begins. Nil while the log cannot be asked; who succeeds an earlier session is
    /// not kept out for that.
    private func inboxHead(of username: Username) async -> SequenceNumber? {
        do throws(ChatError) {
            return try await log.head(of: .inbox(username))
        } catch {
            logger.debug("the start of an inbox is not known", metadata: ["error": "\(error.code)"])
            return nil
        }
    }

    /// The connection has ended. Its user stays for the grace period, unless it said goodbye, so that the client can come
    /// back.
    public func close(_ session: Session, isGoodbye: Bool) async {
        leaveInterests(session)
        metrics.sessionsClosed.increment()
        guard !isGoodbye, !session.hasLostName else { return await release(session) }
        detached.withLock { $0.insert(session, until: time.monotonic() + limits.grace) }
        if session.hasLostName { await releaseDetached(session.id) }  // succeeded in this very moment
    }

    /// Lets go of those whose clients did not come back in time.
    func releaseDetached() async {
        for session in detached.withLock({ $0.takeExpired(now: time.monotonic()) }) { await release(session) }
    }

    private func releaseDetached(_ session: SessionID) async {
        guard detached.withLock({ $0.remove(session) }) else { return }
        await presence.release(session)
    }

    private func endEverywhere(_ session: SessionID) {
        guard !endSucceeded(session) else { return }
        do throws(ChatError) {
            try bus.announce(.succession(session))
        } catch {
            // Its instance finds out when it settles with the presence store.
            logger.debug("a succession was not told", metadata: ["error": "\(error.code)"])
        }
    }

    /// Ends a session that was succeeded, if it is one of this instance. - Returns: whether it is.
    @discardableResult
    func endSucceeded(_ id: SessionID) -> Bool {
        guard let session = sessions.lose(id) else { return false }
        session.loseName()
        session.connection.end(.nameLost)
        return true
    }
}

extension ChatService {
    /// While it is under way the session can be succeeded already, and is told so by ``begin(_:)``.
    private func claim(_ claim: Claim) async throws(ChatError) -> Claimed {
        sessions.expect(claim.session)
        do throws(ChatError) {
            return try await presence.claim(claim)
        } catch {
            sessions.forget(claim.session)
            throw error
        }
    }

    private func begin(_ session: Session) async throws(ChatError) {
        guard sessions.insert(session) else {
            await presence.release(session.id)
            throw .usernameTaken
        }
        metrics.sessionsOpened.increment()
    }

    private func leaveInterests(_ session: Session) {
        for topic in session.takeFollowed() { leaveInterest(in: topic) }
    }

    /// Takes the user out of everything, and tells the rooms.
    ///
    /// The departure is told before the name is free: whoever takes it next is announced after this.
    private func release(_ session: Session) async {
        sessions.remove(session)
        if !session.hasLostName {
            let rooms = session.rooms
            let members: [RoomName: Int]
            do throws(ChatError) {
                members = try await presence.move(session.id, leaving: Set(rooms), entering: nil)
            } catch {
                if error.code == .usernameTaken { session.loseName() }  // its client has come back meanwhile
                members = [:]  // nobody can count; the store takes the user out when it is back
            }
            if !session.hasLostName {
                for room in rooms { announce(notice(.left, session, in: room, members: members[room])) }
            }
        }
        await presence.release(session.id)
    }
}

/// Instances that were frozen.
extension ChatService {
    /// Whether names of sessions here may be others' by now, since this instance was frozen: then no frame of a client's is
    /// handled before ``confirmNames()`` has returned.
    public var namesAreDoubtful: Bool { presence.namesAreDoubtful }

    /// Returns once those sessions have ended whose names are others', or that cannot be found out.
    public func confirmNames() async { await presence.confirmNames() }
}

extension ChatService: PresenceObserver {
    public func presenceLost(_ session: SessionID) { endSucceeded(session) }

    public func presenceChanged(_ notice: MembershipNotice) throws(ChatError) {
        try bus.announce(.membership(notice))
    }
}
