import Wire

extension FakeChat {
    /// What the fake does wrong.
    enum Fault: String, CaseIterable, Sendable {
        case losesDelivery, repeatsDelivery, swapsTwo, losesStored, acksWithoutStoring, wrongRoom, forgetsLeave
        case forgetsJoin, listsTheGone, renumbers, acksOutOfPlace, holeInResume, pageWithHole, misdeliversPrivate
        case losesPrivate, alters, invents, declaresFalseGap, repeatsToClassic
        case showsUnstored, reusesPlace, showsOutsiders, tellsFalseLeaves, refuses, neverAnswers, hidesLog, acksUnasked
        /// What only users with several sessions can notice.
        case losesOwnElsewhere, losesPrivateElsewhere, tellsOfEachSession, listsEachSession
        /// The log is another one: those who are connected are told nothing, or those who come back are not told so.
        case changesEpochInSilence, changesEpochUndeclared
    }

    /// Whether it is time to do it.
    func isTime(for wanted: Fault) -> Bool {
        guard fault == wanted else { return false }
        switch wanted {
        // The chances are few, and not each of them shows: done every time.
        case .forgetsLeave, .forgetsJoin, .listsTheGone, .holeInResume, .pageWithHole, .misdeliversPrivate,
            .losesPrivate, .hidesLog, .losesPrivateElsewhere, .tellsOfEachSession, .listsEachSession:
            return true
        default:
            patience -= 1
            // More than once, for a client may be cut off just then.
            return (-3..<0).contains(patience)
        }
    }

    /// What becomes of a delivery.
    func faulty(_ message: V2Message, to connection: FakeConnection) -> [V2Event] {
        var message = message
        var events = [V2Event.chatMessage(message)]
        if isTime(for: .losesDelivery) { events = [] }
        if isTime(for: .repeatsDelivery) { events += events }
        if isTime(for: .renumbers) {
            message.sequence += 1
            events = [.chatMessage(message)]
        }
        if isTime(for: .alters) {
            message.content += "!"
            events = [.chatMessage(message)]
        }
        if isTime(for: .invents) {
            message.id = "nobody's"
            message.sequence += 1
            events.append(.chatMessage(message))
        }
        if isTime(for: .declaresFalseGap) {
            events = [.gap(room: message.room, after: message.sequence - 1, before: message.sequence + 1)]
        }
        if isTime(for: .swapsTwo), held == nil {
            held = (connection, .chatMessage(message), nil, message.room)
            events = []
        }
        return events
    }
}

/// What becomes of a request.
extension FakeChat {
    /// - Returns: whether it is done with that.
    func doesWrong(_ request: V2Request, _ session: Session, _ connection: FakeConnection) -> Bool {
        func refuse(_ code: String) -> Bool {
            connection.send(
                .error(code: code, content: "so says the fake", retryAfterMilliseconds: nil), ref: request.ref)
            return true
        }
        switch request.command {
        case .history where session.name.contains("-reader-") && isTime(for: .hidesLog): return refuse("forbidden")
        case .chatMessage(let content, let room?, let id?):
            if isTime(for: .refuses) { return refuse("bad_request") }
            if isTime(for: .neverAnswers) { return true }
            if isTime(for: .showsUnstored) {
                let message = V2Message(
                    id: id, room: room, sender: session.name, content: content, timestamp: "", sequence: nextSequence())
                tell(room, except: session, .chatMessage(message))
                return refuse("message_too_long")
            }
            if isTime(for: .acksUnasked) {
                connection.send(.ack(V2Ack(id: "nobody's", room: room, sequence: nextSequence(), timestamp: "")))
            }
            if isTime(for: .tellsFalseLeaves) {
                tell(room, except: session, .userLeft(room: room, username: session.name, members: nil, timestamp: ""))
            }
            if epoch == "fake", isTime(for: .changesEpochInSilence) { changeEpoch() }
            if epoch == "fake", isTime(for: .changesEpochUndeclared) {
                declaresEpochs = false
                changeEpoch()
                for session in sessions.values { session.connection?.drop() }
                return true
            }
            return false
        default: return false
        }
    }

    /// All that was said is gone, and the next log begins.
    private func changeEpoch() {
        epoch = "another"
        logs = [:]
    }
}
