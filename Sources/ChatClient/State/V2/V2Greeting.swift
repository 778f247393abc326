import NIOCore
import Transport
import Wire

/// The beginning of a `chat.v2` connection: a `welcome`, or an error.
struct V2Greeting: Greeting {
    var patience: Duration { Timing.connect }

    func received(
        _ text: ByteBuffer, _ arrival: Arrival, _ session: inout ClientSession, at now: Duration
    ) -> Greeted? {
        guard let frame = try? V2Frame(json: text.readableBytesView) else { return nil }
        switch frame.event {
        case .welcome(let welcome): return welcomed(welcome, arrival, &session, at: now)
        // The close that follows ends the connection, and the client reports these words.
        case .error(code: "username_taken", content: _, retryAfterMilliseconds: _): return .wait([])
        case .error(code: _, let content, retryAfterMilliseconds: _): return .wait([.show(.system(content))])
        default: return .wait([])
        }
    }

    private func welcomed(
        _ welcome: V2Welcome, _ arrival: Arrival, _ session: inout ClientSession, at now: Duration
    ) -> Greeted {
        session.v2.learn(welcome)
        var exchange = V2Exchange(arrival, session.rooms)
        let words = "connected to \(arrival.address) as \(welcome.username)"
        // After a reconnect the user is told when everything is restored.
        let status: [ClientEffect] = arrival.isReturn ? [] : [.show(.status(words))]
        let questions = exchange.begin(&session, at: now)
        return .welcome(exchange, status + questions)
    }

    func overdue(_ arrival: Arrival, _ session: inout ClientSession) -> Greeted {
        .fail("the server does not greet us")
    }
}
