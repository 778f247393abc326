public import Domain
import Logging

/// What administrators do: see who is connected, end sessions, take tokens back.
extension ChatService {
    /// How long a revocation is kept at the least when nobody knows when its tokens expire: longer than any token that is
    /// worth its name lives.
    public static let longestTokenLife = Duration.seconds(400 * 24 * 3600)
    /// How much longer than its tokens a revocation is kept: clocks differ, and expiry has its leeway.
    static let revocationMargin = Duration.seconds(3600)

    /// Who is connected, to any instance.
    ///
    /// - Parameters:
    ///   - user: nil: everybody.
    ///   - range: by names of users.
    /// - Returns: a part of the list, and the instances that have not said in time who is connected to them.
    /// - Throws: ``ChatError/Code/unavailable`` where too much is being asked already.
    public func connectedUsers(
        _ user: Username? = nil, _ range: ListRange
    ) async throws(ChatError) -> (page: ConnectedUsers, missing: [String]) {
        let (answers, missing) = try await administration.answers { id throws(ChatError) in
            let question = UsersQuestion(id: id, user: user, after: range.after, limit: range.limit)
            try bus.announce(.administration(.question(question)))
        }
        let own = connectedHere(user, after: range.after, limit: range.limit)
        let pages = answers.compactMap { if case .users(let answer) = $0 { answer.page } else { nil } }
        return (ConnectedUsers(joining: [own] + pages, limit: range.limit), missing)
    }

    private func connectedHere(_ user: Username?, after: String?, limit: Int) -> ConnectedUsers {
        let away = detached.withLock { $0.ids }
        let sessions = sessions.all { user == nil || $0.username == user }.map { session in
            let client = session.connection.client
            return (
                session.username.text,
                ConnectedSession(
                    instance: administration.instance, address: client.address, dialect: client.dialect,
                    rooms: session.rooms.map(\.text), since: session.since, isAway: away.contains(session.id))
            )
        }
        return ConnectedUsers(of: sessions, after: after, limit: limit)
    }

    /// Ends all sessions of a user, on every instance. The user may come back at once.
    ///
    /// - Parameter reason: what the clients are told; at most 123 bytes.
    /// - Throws: ``ChatError/Code/unavailable`` where the other instances cannot be told. Those here are ended all the same.
    public func disconnect(_ user: Username, reason: String) throws(ChatError) {
        do throws(ChatError) {
            // This instance hears it, too. It does nothing before that: a client that is back at once is not ended again.
            try bus.announce(.administration(.disconnection(user, reason: reason)))
            activity.note(ActivityEvent(.expelled, at: time.wall(), username: user.text, reason: reason))
        } catch {
            expel(.disconnected(reason)) { $0.username == user }
            throw error
        }
    }

    /// Takes tokens back, on every instance. It counts here at once, and everywhere within a second.
    ///
    /// - Parameter expiry: when the tokens expire by themselves; nil: not known. Then that is looked up among the sessions
    ///   of this instance, and else ``longestTokenLife`` is assumed.
    /// - Returns: what is remembered, and until when.
    /// - Throws: ``ChatError/Code/unavailable`` where it is not stored. Then it counts on the instances that run now, and is
    ///   stored when that is possible again and one of them still runs.
    public func revoke(_ revocation: Revocation, expiry: Timestamp?) async throws(ChatError) -> RevocationEntry {
        let end = expiry ?? lastExpiry(of: revocation) ?? time.wall().adding(Self.longestTokenLife)
        let entry = RevocationEntry(revocation, until: end.adding(Self.revocationMargin))
        do throws(ChatError) {
            if revocations.isActive { try bus.announce(.administration(.revocation(entry))) }
        } catch {
            // The others find it in the store.
            logger.debug("a revocation was not told", metadata: ["error": "\(error.code)"])
        }
        try await revocations.keep(entry)
        let username: String? = if case .tokens(let user, _) = revocation { user.text } else { nil }
        activity.note(ActivityEvent(.revoked, at: time.wall(), username: username))
        return entry
    }

    /// Reads all revocations, before the first client comes. Tries again until that has succeeded.
    ///
    /// - Throws: ``StartupError`` where it takes longer than `duration`; `CancellationError`.
    public func loadRevocations(within duration: Duration) async throws {
        let deadline = time.monotonic() + duration
        while true {
            do throws(ChatError) {
                return try await revocations.load()
            } catch {
                guard time.monotonic() < deadline else { throw StartupError("\(error.message)") }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// When a token expires that somebody is connected with. Of all tokens of a user nobody knows: some may be with nobody.
    private func lastExpiry(of revocation: Revocation) -> Timestamp? {
        guard case .token = revocation else { return nil }
        return sessions.all { revocation.revokes($0.principal) }.compactMap(\.principal.expiresAt).max()
    }

    /// On threads of the bus.
    func receive(_ notice: AdministrationNotice) {
        switch notice {
        case .revocation(let entry): revocations.take([entry])
        case .disconnection(let user, let reason): expel(.disconnected(reason)) { $0.username == user }
        case .alive(let instance):
            administration.note(instance)
            // Its own sign, once a second, tells as well that the others are gone.
            rates?.share(administration.hasOthers && !administration.instance.isEmpty)
        case .question(let question): answer(question)
        case .answer(let answer): administration.take(.users(answer))
        case .sends(let sends, let instance): receive(sends, from: instance)
        case .reportQuestion(let id): answerReport(id)
        case .report(let answer): administration.take(.report(answer))
        case .announcement(let announcement): delivery.announce(announcement)
        }
    }

    private func answer(_ question: UsersQuestion) {
        guard !administration.instance.isEmpty, !administration.isAsking(question.id) else { return }
        let limit = ListRange(limit: question.limit).limit
        let page = connectedHere(question.user, after: question.after, limit: limit)
        tell(.answer(UsersAnswer(id: question.id, instance: administration.instance, page: page)))
    }

    private func answerReport(_ id: String) {
        guard !administration.instance.isEmpty, !administration.isAsking(id), let report = administration.ownReport
        else { return }
        tell(.report(ReportAnswer(id: id, instance: administration.instance, report: report)))
    }

    private func tell(_ answer: AdministrationNotice) {
        do throws(ChatError) {
            try bus.announce(.administration(answer))
        } catch {
            logger.debug("a question was not answered", metadata: ["error": "\(error.code)"])
        }
    }

    /// Tells the others that this instance is running, until it is cancelled.
    func sayAlive() async {
        guard !administration.instance.isEmpty else { return }
        while !Task.isCancelled {
            do throws(ChatError) {
                try bus.announce(.administration(.alive(instance: administration.instance)))
            } catch {
                // They will miss it, which is the truth.
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }
}

extension Timestamp {
    func adding(_ duration: Duration) -> Timestamp {
        let (sum, overflow) = millisecondsSince1970.addingReportingOverflow(Int64(duration / .milliseconds(1)))
        return Timestamp(millisecondsSince1970: overflow ? .max : sum)
    }
}
