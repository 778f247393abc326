import NIOCore
import Transport
import Wire

/// The beginning in the classic dialect: any word is a greeting but that the name is taken, and so is silence.
struct ClassicGreeting: Greeting {
    /// It comes at once, unless the server has to wait for its own back ends.
    var patience: Duration { Timing.greeting }

    func received(
        _ text: ByteBuffer, _ arrival: Arrival, _ session: inout ClientSession, at now: Duration
    ) -> Greeted? {
        guard let event = try? ClassicEvent(json: text.readableBytesView) else { return nil }
        // The close that follows ends it, with these words.
        if case .system(content: "username already exists") = event { return .wait([]) }
        return overdue(arrival, &session)
    }

    func overdue(_ arrival: Arrival, _ session: inout ClientSession) -> Greeted {
        let username = session.configuration.username
        let status = arrival.isReturn ? "reconnected" : "connected to \(arrival.address) as \(username)"
        // The last server knew repeated messages by their ids; this one would say them twice.
        let failures = session.outbox.removeUncertain().map { item in
            session.fail(item, because: "not confirmed before the connection was lost")
        }
        return .welcome(ClassicExchange(arrival.attempt), [.show(.status(status))] + failures)
    }
}
