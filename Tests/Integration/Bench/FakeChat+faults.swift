import Wire

extension FakeChat {
    /// What the fake does wrong.
    enum Fault: String, CaseIterable, Sendable {
        case losesDelivery, repeatsDelivery, swapsTwo, losesStored, acksWithoutStoring, wrongRoom, forgetsLeave
        case forgetsJoin, listsTheGone, renumbers, acksOutOfPlace, holeInResume, pageWithHole, misdeliversPrivate
        case losesPrivate, alters, invents, declaresFalseGap, repeatsToClassic
    }

    /// Whether it is time to do it.
    func isTime(for wanted: Fault) -> Bool {
        guard fault == wanted else { return false }
        switch wanted {
        // The chances are few, and not each of them shows: done every time.
        case .forgetsLeave, .forgetsJoin, .listsTheGone, .holeInResume, .pageWithHole, .misdeliversPrivate,
            .losesPrivate:
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
