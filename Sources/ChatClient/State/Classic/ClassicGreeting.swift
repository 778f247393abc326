import NIOCore
import Transport
import Wire

/// The beginning of a connection in the classic dialect: any frame is a greeting, except the one that says that the
/// name is taken. If no frame comes, that is a greeting as well.
struct ClassicGreeting: Greeting {
    /// The server sends a frame at once, unless it has to wait for its back ends.
    var patience: Duration { Timing.greeting }

    func received(
        _ text: ByteBuffer, _ arrival: Arrival, _ session: inout ClientSession, at now: Duration
    ) -> Greeted? {
        guard let event = try? ClassicEvent(json: text.readableBytesView) else { return nil }
        // The close that follows ends the connection, and the client reports these words.
        if case .system(content: "username already exists") = event { return .wait([]) }
        if case .system(let notice) = event { session.learnName(from: notice) }
        return overdue(arrival, &session)
    }

    func overdue(_ arrival: Arrival, _ session: inout ClientSession) -> Greeted {
        let name = session.rooms.username.isEmpty ? "" : " as \(session.rooms.username)"
        let status = arrival.isReturn ? "reconnected" : "connected to \(arrival.address)\(name)"
        // The last server recognised repeated messages by their ids. This one would send them to everybody twice.
        let failures = session.outbox.removeUncertain().map { item in
            session.fail(item, because: "not confirmed before the connection was lost")
        }
        return .welcome(ClassicExchange(arrival.attempt), [.show(.status(status))] + failures)
    }
}
