import NIOCore
import Testing
import Transport
import Wire

@testable import ChatClient

@Suite struct ClientStateConnectionTests {
    @Test func `It connects at once, and says so when the server has greeted`() {
        var client = Client(room: "dev")
        #expect(client.requests == [UpgradeRequest(username: "al", room: "dev", subprotocols: ["chat.v2"])])
        client.connection(.opened(subprotocol: nil))
        #expect(client.shown.isEmpty)
        client.system("al joined the room dev")
        #expect(client.shown == [.status("connected to h:1 as al"), .system("al joined the room dev")])
        #expect(client.state.prompt == "[dev] ")
    }

    @Test func `A server that says nothing is taken as it is after a while`() {
        var client = Client()
        client.connection(.opened(subprotocol: nil))
        client.handle(.line("hi"))
        #expect(client.said.isEmpty)
        client.passDeadline()
        #expect(client.now == Timing.greeting)
        #expect(client.said == ["hi"])
    }

    @Test(arguments: [
        ConnectionEnd.lost(""), .lost("reset"), .unreachable("connection refused"),
        .closed(.serviceRestart, reason: ""),
        .closed(.tryAgainLater, reason: "too slow"), .closed(.goingAway, reason: ""), .closed(.normal, reason: ""),
        .closed(.noStatus, reason: ""), .refused(status: 503, words: "draining", retryAfter: nil),
        .refused(status: 429, words: "", retryAfter: nil), .refused(status: 502, words: "", retryAfter: nil),
    ])
    func `It comes back after an end that is not its fault`(end: ConnectionEnd) {
        for var client in [Client(), Client.open()] {
            client.connection(.ended(end))
            #expect(client.isWaiting)
            #expect(client.statuses.last?.contains("retrying in 0.5 s") == true)
            client.effects = []
            client.passDeadline()
            #expect(client.now == .seconds(0.5))
            #expect(client.requests.count == 1)
        }
    }

    @Test(
        arguments: [
            (.closed(.usernameTaken, reason: "username already exists"), "username already exists"),
            (.closed(.kicked, reason: "behave"), "behave"),
            (.closed(.rateLimited, reason: ""), "too many messages for too long"),
            (.refused(status: 400, words: "username required", retryAfter: nil), "username required"),
            (.refused(status: 401, words: "", retryAfter: nil), "HTTP 401"),
            (.refused(status: 403, words: "origin", retryAfter: nil), "origin"),
        ] as [(ConnectionEnd, String)])
    func `A refusal ends it with the server's words`(end: ConnectionEnd, words: String) {
        for var client in [Client(), Client.open()] {
            client.connection(.ended(end))
            #expect(client.exitCode == .refused)
            #expect(client.statuses.last?.hasSuffix(": " + words) == true)
        }
    }

    @Test func `A name taken at first is a refusal, and the notice before the close is said once`() {
        var client = Client()
        client.connection(.opened(subprotocol: nil))
        client.handle(.line("hi"))
        client.system("username already exists")
        client.connection(.ended(.closed(.usernameTaken, reason: "")))
        #expect(client.exitCode == .refused)
        #expect(client.statuses.first == "the server refused: username already exists")
        #expect(client.said.isEmpty)
    }

    @Test func `A name taken on a reconnect is waited for, but not for ever`() {
        var client = Client.open()
        client.lose()
        while client.exitCode == nil, client.now < .seconds(60) {
            client.passDeadline()
            client.connection(.opened(subprotocol: nil))
            client.system("username already exists")
            client.connection(.ended(.closed(.usernameTaken, reason: "")))
        }
        #expect(client.exitCode == .refused)
        #expect(client.now >= .seconds(30) && client.now < .seconds(35))
        #expect(client.requests.count >= 10)
    }

    @Test func `A name that comes free again is taken back, with the lines that waited`() {
        var client = Client.open()
        client.lose()
        client.passDeadline()
        client.connection(.opened(subprotocol: nil))
        client.handle(.line("hi"))
        client.connection(.ended(.closed(.usernameTaken, reason: "")))
        client.passDeadline()
        client.greet("global")
        #expect(client.said == ["hi"])
        #expect(client.statuses.last == "reconnected")
    }

    @Test func `Retry-After is a lower bound`() {
        var client = Client(random: 0)
        client.connection(.ended(.refused(status: 503, words: "", retryAfter: .seconds(7))))
        #expect(client.state.nextDeadline == .seconds(7))
    }

    @Test func `Retry-After is not believed without bounds`() {
        var client = Client(random: 0)
        client.connection(.ended(.refused(status: 503, words: "", retryAfter: .seconds(86_400))))
        #expect(client.state.nextDeadline == Timing.retryAfter)
    }

    @Test func `A page that is not there is a refusal at first, and waited for on a reconnect`() {
        let missing = ConnectionEvent.ended(.refused(status: 404, words: "no chat server", retryAfter: nil))
        var first = Client()
        first.connection(missing)
        #expect(first.exitCode == .refused)
        var again = Client.open()
        again.lose()
        again.passDeadline()
        again.connection(missing)
        #expect(again.exitCode == nil)
        #expect(again.isWaiting)
    }

    @Test func `Delays grow over failures and start anew after a connection that held`() {
        var client = Client()
        var delays: [Duration] = []
        for _ in 0..<4 {
            client.connection(.ended(.unreachable("")))
            delays.append((client.state.nextDeadline ?? .zero) - client.now)
            client.passDeadline()
        }
        #expect(delays == [.seconds(0.5), .seconds(1), .seconds(2), .seconds(4)])
        client.greet("global")
        client.lose()  // at once: no better than a failure
        #expect((client.state.nextDeadline ?? .zero) - client.now == .seconds(8))
        client.passDeadline()
        client.greet("global")
        client.now += Timing.stable
        client.lose()
        #expect((client.state.nextDeadline ?? .zero) - client.now == .seconds(0.5))
    }

    @Test func `No answer to the connection within ten seconds is a failure`() {
        var client = Client()
        client.passDeadline()
        #expect(client.now == .seconds(10))
        #expect(client.effects.contains(.abandon(Attempt(number: 1))))
        #expect(client.isWaiting)
    }

    @Test func `Silence for seventy seconds is a loss, and any sign of life prevents it`() {
        var client = Client.open()
        client.now = .seconds(60)
        client.connection(.alive)
        client.now = .seconds(129)
        client.handle(.tick)
        #expect(client.effects.isEmpty)
        client.now = .seconds(130)
        client.handle(.tick)
        #expect(client.effects.contains(.abandon(Attempt(number: 1))))
        #expect(client.isWaiting)
    }

    @Test func `The late words of a connection given up are not heard`() {
        var client = Client.open()
        let old = client.state.attempt
        client.lose()
        client.passDeadline()
        client.effects = []
        client.handle(.connection(old, .received(ByteBuffer(bytes: ClassicEvent.system(content: "late").json))))
        client.handle(.connection(old, .ended(.lost(""))))
        #expect(client.effects.isEmpty)
    }

    @Test func `A reconnect asks for the room it was in`() {
        var client = Client.open(room: "dev")
        client.handle(.line("/join ops"))
        client.settle()
        client.system("al joined the room ops")
        client.lose()
        client.effects = []
        client.passDeadline()
        #expect(client.requests == [UpgradeRequest(username: "al", room: "ops", subprotocols: ["chat.v2"])])
    }

    @Test func `A pipe gives up after a few attempts`() {
        var client = Client(interactive: false, editor: false)
        for _ in 0..<20 where client.exitCode == nil {
            client.connection(.ended(.unreachable("connection refused")))
            client.passDeadline()
        }
        #expect(client.exitCode == .unreachable)
        #expect(client.requests.count == Timing.attempts)
    }

    @Test func `A pipe does not wait for longer than its patience`() {
        var client = Client(interactive: false, editor: false)
        client.connection(.ended(.refused(status: 503, words: "", retryAfter: .seconds(600))))
        #expect(client.exitCode == .unreachable)
    }

    @Test func `Someone at a terminal is never given up on`() {
        var client = Client()
        for _ in 0..<100 {
            client.connection(.ended(.unreachable("connection refused")))
            client.passDeadline()
        }
        #expect(client.exitCode == nil)
        #expect(client.requests.count == 101)
    }

    @Test func `What the dialect does not know is mentioned once`() {
        var client = Client.open()
        client.connection(.receivedBinary(ByteBuffer()))
        client.connection(.received(ByteBuffer(string: "[]")))
        #expect(client.statuses.count == 1)
    }
}
