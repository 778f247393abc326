import NIOCore
import Testing
import Transport
import Wire

@testable import ChatClient

@Suite struct ClientV2ConnectionTests {
    @Test func `It offers the dialect, and after the welcome asks for its inbox and its room`() {
        let client = Client.v2(room: "dev")
        #expect(client.requests == [UpgradeRequest(username: "al", room: "dev", subprotocols: ["chat.v2"])])
        #expect(
            client.commands == [
                .inbox(resume: nil, limit: 50), .joinRoom(V2Join(room: "dev", resume: nil, history: 50)),
            ])
        #expect(client.shown == [.status("connected to h:1 as al")])
    }

    @Test func `The name is the server's spelling of it`() {
        var client = Client()
        client.connection(.opened(subprotocol: "chat.v2"))
        let limits = V2Welcome.Limits(messageBytes: 1, messagesPerWindow: 0, windowSeconds: 0)
        client.hear(
            .welcome(V2Welcome(username: "AL", session: "s", instance: "", version: "", rooms: [], limits: limits)))
        client.enter(missed: [.said("mine", 1, by: "AL")])
        #expect(client.statuses.first == "connected to h:1 as AL")
        #expect(client.shown.contains(.system("AL joined the room global")))
    }

    @Test func `Nothing is sent before the welcome, and without one the connection is given up`() {
        var client = Client()
        client.connection(.opened(subprotocol: "chat.v2"))
        client.handle(.line("hi"))
        #expect(client.requestsSent.isEmpty)
        client.passDeadline()
        #expect(client.now == Timing.connect)
        #expect(client.effects.contains(.abandon(Attempt(number: 1))))
        #expect(client.isWaiting)
    }

    @Test func `A reconnect presents the secret and goes on where it stopped`() {
        var client = Client.live(room: "dev", last: 7)
        client.hear(.chatMessage(.said("hi", 9, in: "dev")))
        client.comeBack()
        let request = UpgradeRequest(username: "al", room: "dev", session: "secret", subprotocols: ["chat.v2"])
        #expect(client.requests == [request])
        let position = V2Position(after: 9, epoch: Client.epoch)
        #expect(
            client.commands == [
                .inbox(resume: V2Position(after: 0, epoch: Client.epoch), limit: 50),
                .joinRoom(V2Join(room: "dev", resume: position, history: nil)),
            ])
    }

    @Test func `A reconnect says what it recovered, once the room and the inbox are read`() {
        var client = Client.live()
        client.comeBack()
        client.hear(.joined(room: "global", members: 1, lastSequence: 3, epoch: Client.epoch), ref: "resume")
        for (number, more) in [(1, true), (2, false)] as [(UInt64, Bool)] {
            let part = [V2Message.said("m", number)]
            client.hear(
                .history(V2History(room: "global", messages: part, more: more, truncated: false, epoch: Client.epoch)))
        }
        #expect(!client.statuses.contains { $0.hasPrefix("reconnected") })
        let mail = [V2PrivateMessage.told("psst", 1)]
        client.hear(.inbox(V2Inbox(messages: mail, more: false, truncated: false, epoch: Client.epoch)), ref: "inbox")
        #expect(client.statuses.last == "reconnected, 3 messages recovered")
    }

    @Test(
        arguments: [
            (0, false, "reconnected"), (1, false, "reconnected, 1 message recovered"),
            (2, true, "reconnected, 2 messages recovered; some may be missing"),
            (0, true, "reconnected; some may be missing"),
        ] as [(UInt64, Bool, String)])
    func `The words for what was recovered`(count: UInt64, truncated: Bool, words: String) {
        var client = Client.live()
        client.comeBack()
        client.enter(missed: (0..<count).map { .said("m", $0 + 1) }, truncated: truncated)
        #expect(client.statuses.last == words)
        #expect(client.heard.count == Int(count))
        #expect(!client.shown.contains(.system("al joined the room global")))
    }

    @Test func `Another epoch is told, and the numbers begin anew`() {
        var client = Client.live(last: 100)
        client.comeBack()
        client.enter(last: 2, epoch: "e2", missed: [.said("first", 1), .said("second", 2)], truncated: true)
        #expect(client.heard == ["bob: first", "bob: second"])
        #expect(client.statuses.contains("the messages of global were begun anew; some may be missing"))
        #expect(client.statuses.last == "reconnected, 2 messages recovered")
    }

    @Test func `A log put back to an older state is told, too`() {
        var client = Client.live(last: 100)
        client.hear(.privateMessage(.told("a", 50)))
        client.comeBack()
        let mail = V2Inbox(messages: [.told("b", 20)], more: false, truncated: true, epoch: Client.epoch)
        client.hear(.inbox(mail), ref: "inbox")
        client.hear(.joined(room: "global", members: 1, lastSequence: 60, epoch: Client.epoch), ref: "resume")
        let latest = V2History(
            room: "global", messages: [.said("hi", 60)], more: true, truncated: true, epoch: Client.epoch)
        client.hear(.history(latest))
        #expect(client.heard == ["bob: hi"])
        #expect(
            client.statuses == [
                "the private messages were begun anew; some may be missing",
                "the messages of global were begun anew; some may be missing", "reconnected, 2 messages recovered",
            ])
    }

    @Test func `A room that cannot be gone back to is left for the lobby, and what was to be said there is not said`() {
        var client = Client.live(room: "dev")
        client.lose()
        client.handle(.line("hi"))
        client.effects = []
        client.passDeadline()
        client.open()
        client.refuse("join_room", "forbidden")
        #expect(client.statuses.contains("cannot enter the room dev: forbidden!"))
        #expect(client.shown.contains(.failed(line: "hi", reason: "you are in the room global")))
        #expect(client.commands.last == .joinRoom(V2Join(room: "global", resume: nil, history: 50)))
        client.effects = []
        client.enter()
        #expect(client.messages.isEmpty)
        #expect(client.state.prompt == "[global] ")
    }

    @Test func `At the first visit one part comes, and more means older messages`() {
        var client = Client.v2()
        client.handle(.line("hi"))
        client.hear(.inbox(V2Inbox(messages: [], more: false, truncated: false, epoch: "e1")), ref: "inbox")
        client.hear(.joined(room: "global", members: 1, lastSequence: 90, epoch: "e1"), ref: "resume")
        let latest = V2History(room: "global", messages: [.said("m", 90)], more: true, truncated: false, epoch: "e1")
        client.hear(.history(latest))
        #expect(client.messages == ["global/m1: hi"])
    }

    @Test func `A resume that the server cannot do now is tried again`() {
        var client = Client.v2()
        client.refuse("join_room", "unavailable")
        client.effects = []
        client.passDeadline()
        #expect(client.commands == [.joinRoom(V2Join(room: "global", resume: nil, history: 50))])
    }

    @Test func `Asked to come back it does so after the delay, without a failure and with what was typed`() {
        var client = Client.live(random: 0)
        client.hear(.reconnect(reason: "drain", delayMilliseconds: 3_000))
        client.handle(.line("hi"))
        client.now = .seconds(1)
        client.connection(.ended(.closed(.serviceRestart, reason: "")))
        #expect(client.state.nextDeadline == .seconds(3))
        client.handle(.line("there"))
        client.effects = []
        client.passDeadline()
        #expect(client.now == .seconds(3))
        #expect(client.requests.map(\.session) == ["secret"])
        client.open()
        client.enter()
        #expect(client.messages == ["global/m1: hi"])
        client.acknowledge(1)
        #expect(client.messages.last == "global/m2: there")
    }

    @Test func `A server that forgets to close is left after the delay without a goodbye`() {
        var client = Client.live()
        client.hear(.reconnect(reason: "drain", delayMilliseconds: 3_000))
        client.passDeadline()
        #expect(client.now == .seconds(3))
        #expect(client.effects.first == .abandon(Attempt(number: 1)))
        #expect(client.requests.count == 1)
    }

    @Test(arguments: [(600_000, Timing.pause), (-5, .zero)] as [(Int, Duration)])
    func `The delay is not believed without bounds`(milliseconds: Int, delay: Duration) {
        var client = Client.live()
        client.hear(.reconnect(reason: "drain", delayMilliseconds: milliseconds))
        #expect(client.state.nextDeadline == delay)
    }

    @Test(arguments: [CloseCode.usernameTaken, .tokenExpired, .kicked, .rateLimited])
    func `Some closes are final, asked to come back or not`(code: CloseCode) {
        var client = Client.live()
        client.hear(.reconnect(reason: "drain", delayMilliseconds: 3_000))
        client.connection(.ended(.closed(code, reason: "so it is")))
        #expect(client.exitCode == .refused)
        #expect(client.statuses.last == "the server closed the connection: so it is")
    }

    @Test(arguments: [CloseCode.serviceRestart, .tryAgainLater, .goingAway])
    func `Other closes are followed by a reconnect`(code: CloseCode) {
        var client = Client.live()
        client.connection(.ended(.closed(code, reason: "")))
        #expect(client.isWaiting)
        #expect(client.exitCode == nil)
    }

    @Test func `A name that is taken is never waited for, since the secret would have got one's own back`() {
        var client = Client.live()
        client.lose()
        client.passDeadline()
        client.connection(.opened(subprotocol: "chat.v2"))
        client.hear(.error(code: "username_taken", content: "username already exists", retryAfterMilliseconds: nil))
        client.connection(.ended(.closed(.usernameTaken, reason: "")))
        #expect(client.exitCode == .refused)
    }

    @Test func `A server that does not answer is taken for lost`() {
        var client = Client.live(interactive: false)
        client.handle(.line("hi"))
        client.passDeadline()
        #expect(client.now == Timing.reply)
        #expect(client.effects.contains(.abandon(Attempt(number: 1))))
        #expect(client.isWaiting)
    }

    @Test func `Frames that are none of the dialect's are mentioned once`() {
        var client = Client.live()
        for text in ["[]", #"{"type":"new"}"#, #"{"type":"chat_message"}"#] {
            client.connection(.received(ByteBuffer(string: text)))
        }
        #expect(client.statuses.count == 1)
    }

    @Test func `An older server is spoken to in its own dialect`() {
        var client = Client.live()
        client.handle(.line("sent before"))
        client.lose()
        client.handle(.line("typed meanwhile"))
        for line in ["/msg bob psst", "/history"] { client.handle(.line(line)) }
        client.passDeadline()
        client.greet("global")
        // Without ids the first one might be said twice.
        #expect(
            client.shown.contains(
                .failed(line: "sent before", reason: "not confirmed before the connection was lost")))
        #expect(client.said == ["typed meanwhile"])
        for line in ["/msg bob psst", "/history"] {
            #expect(client.shown.contains(.failed(line: line, reason: "this server does not support it")))
        }
    }
}
