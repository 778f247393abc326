import Testing
import Transport
import Wire

@testable import ChatClient

@Suite struct ClientStateUserTests {
    @Test(
        arguments: [
            ("hi", .chatMessage(content: "hi")), ("/join dev", .joinRoom("dev")), ("/leave", .leaveRoom),
            ("/users", .listUsers(room: nil)), ("/users dev", .listUsers(room: "dev")), ("/rooms", .listRooms),
        ] as [(String, ClassicCommand)])
    func `A line becomes a command`(line: String, command: ClassicCommand) {
        var client = Client.open()
        client.handle(.line(line))
        #expect(client.sends.map(\.command) == [command])
    }

    @Test(arguments: ["/users after bob", "/users dev after bob", "/rooms after dev"])
    func `The classic dialect has no parts of lists`(line: String) {
        var client = Client.open()
        client.handle(.line(line))
        #expect(client.sends.isEmpty)
        #expect(client.shown == [.failed(line: line, reason: "this server does not support it")])
    }

    @Test func `A message is shown as sent when it was handed to the socket`() {
        var client = Client.open()
        client.handle(.line("hi"))
        #expect(client.shown.isEmpty)
        client.settle()
        #expect(client.shown == [.sent(room: "global", content: "hi")])
    }

    @Test func `What follows a join is said in the new room, unless the server refuses it`() {
        var client = Client.open()
        client.handle(.line("/join dev"))
        client.handle(.line("hi"))
        client.settle()
        #expect(client.shown == [.sent(room: "dev", content: "hi")])
        client.system("bob joined the room global")
        #expect(client.state.session.rooms.current == "dev")
        client.system("no such thing")
        #expect(client.state.session.rooms.current == "global")
    }

    @Test(arguments: [
        ("al joined the room dev", "dev"), ("al joined the room a.b 日本語", "a.b 日本語"),
        ("bob joined the room dev", "global"),
        ("al left the room", "global"), ("Active users: al joined the room x", "global"),
    ])
    func `The room is learnt from notices about oneself`(notice: String, room: String) {
        var client = Client.open()
        client.system(notice)
        #expect(client.state.session.rooms.current == room)
    }

    @Test func `Lines wait while there is no connection, and go out in order`() {
        var client = Client.open()
        client.handle(.line("in flight"))
        client.lose()
        client.handle(.line("one"))
        client.handle(.line("two"))
        #expect(client.shown.suffix(2) == [.waiting("one"), .waiting("two")])
        client.effects = []
        client.passDeadline()
        client.greet("global")
        #expect(client.said == ["in flight", "one", "two"])
    }

    @Test func `What was handed to the socket is not sent twice`() {
        var client = Client.open()
        client.handle(.line("hi"))
        client.settle()
        client.lose()
        client.effects = []
        client.passDeadline()
        client.greet("global")
        #expect(client.said.isEmpty)
    }

    @Test func `Beyond the bound a line goes back to the editor`() {
        var client = Client()
        for number in 0..<Outbox.capacity { client.handle(.line("\(number)")) }
        client.effects = []
        client.handle(.line("more"))
        #expect(client.effects.first == .giveBack("more"))
        #expect(client.statuses.count == 1)
        client.effects = []
        client.greet("global")
        for _ in 0..<Outbox.capacity { client.settle() }
        #expect(Set(client.said) == Set((0..<Outbox.capacity).map(String.init)))
    }

    @Test func `A pipe is left unread while its lines wait`() {
        var client = Client(interactive: false, editor: false)
        #expect(client.state.wantsInput)
        for number in 0..<Outbox.capacity { client.handle(.line("\(number)")) }
        #expect(!client.state.wantsInput)
        client.greet("global")
        #expect(client.state.wantsInput)
        #expect(client.sends.count == Outbox.window)
        client.settle()
        #expect(client.sends.count == 2 * Outbox.window)
    }

    @Test func `Too much at once makes it pause for as long as the server says`() {
        var client = Client.open(interactive: false, editor: false)
        client.handle(.line("one"))
        client.settle()
        client.system("too many messages: at most 1 in 10 s; this one was not sent, try again in 3 s")
        client.handle(.line("two"))
        client.handle(.endOfInput)
        #expect(client.said == ["one"])
        client.passDeadline()
        #expect(client.now == .seconds(3))
        #expect(client.said == ["one", "two"])
        client.settle()
        client.connection(.ended(.closed(.normal, reason: "")))
        #expect(client.exitCode == .incomplete)
    }

    @Test func `After the first complaint messages go out one by one`() {
        var client = Client.open(interactive: false, editor: false)
        client.handle(.line("one"))
        client.settle()
        client.system("too many messages: at most 10 in 10 s; this one was not sent, try again in 2 s")
        for line in ["two", "three", "four"] { client.handle(.line(line)) }
        var times: [Duration] = []
        for _ in 0..<3 {
            client.passDeadline()
            times.append(client.now)
            client.settle()
        }
        #expect(client.said == ["one", "two", "three", "four"])
        #expect(times == [.seconds(2), .milliseconds(3100), .milliseconds(4200)])
    }

    @Test func `Mistakes are explained and nothing is sent`() {
        var client = Client.open()
        client.handle(.line("/jion dev"))
        client.handle(.line("   "))
        client.handle(.line("/help"))
        #expect(client.sends.isEmpty)
        #expect(client.statuses == ["There is no command /jion. Did you mean /join?"])
        #expect(client.shown.last == .help)
    }

    @Test(arguments: [ClientEvent.line("/quit"), .endOfInput, .interrupted(.success)])
    func `A user who leaves closes the connection properly`(event: ClientEvent) {
        var client = Client.open()
        client.handle(event)
        #expect(client.effects == [.close(Attempt(number: 1), .normal)])
        client.connection(.ended(.closed(.normal, reason: "")))
        #expect(client.exitCode == .success)
    }

    @Test func `A server that does not answer the close is not waited for`() {
        var client = Client.open()
        client.handle(.interrupted(.terminate))
        client.passDeadline()
        #expect(client.now == Timing.close)
        #expect(client.exitCode == .terminate)
    }

    @Test func `A second interrupt ends at once`() {
        var client = Client.open()
        client.handle(.interrupted(.interrupt))
        client.handle(.interrupted(.interrupt))
        #expect(client.exitCode == .interrupt)
    }

    @Test func `Leaving while there is no connection ends at once and says what is lost`() {
        var client = Client.open()
        client.lose()
        client.handle(.line("hi"))
        client.handle(.line("/quit"))
        #expect(client.exitCode == .success)
        #expect(client.statuses.last == "1 line was not sent")
    }

    @Test func `A pipe's end waits until everything was handed to the socket`() {
        var client = Client(interactive: false, editor: false)
        client.handle(.line("one"))
        client.handle(.endOfInput)
        #expect(!client.state.wantsInput)
        client.greet("global")
        #expect(!client.effects.contains(.close(Attempt(number: 1), .normal)))
        client.settle()
        #expect(client.effects.last == .close(Attempt(number: 1), .normal))
        client.connection(.ended(.closed(.normal, reason: "")))
        #expect(client.exitCode == .success)
    }

    @Test func `A pipe's end waits for the answers to its questions, but not for long`() {
        var answered = Client.open(interactive: false, editor: false)
        answered.handle(.line("/rooms"))
        answered.handle(.endOfInput)
        answered.settle()
        var silent = answered
        #expect(!answered.effects.contains(.close(Attempt(number: 1), .normal)))
        answered.system("Available rooms: global")
        #expect(answered.effects.contains(.close(Attempt(number: 1), .normal)))
        silent.passDeadline()
        #expect(silent.now == Timing.answers)
        #expect(silent.effects.contains(.close(Attempt(number: 1), .normal)))
    }

    @Test func `A pipe with nothing in it is greeted by the server, and ends`() {
        var client = Client(interactive: false, editor: false)
        client.handle(.endOfInput)
        #expect(client.exitCode == nil)
        client.greet("global")
        #expect(client.effects.contains(.close(Attempt(number: 1), .normal)))
        client.connection(.ended(.closed(.normal, reason: "")))
        #expect(client.exitCode == .success)
    }

    @Test func `A pipe with nothing in it does not end well without a server, or with a name that is taken`() {
        var alone = Client(interactive: false, editor: false)
        alone.handle(.endOfInput)
        var refused = alone
        for _ in 0..<20 where alone.exitCode == nil {
            alone.connection(.ended(.unreachable("connection refused")))
            alone.passDeadline()
        }
        #expect(alone.exitCode == .unreachable)
        refused.connection(.opened(subprotocol: nil))
        refused.system("username already exists")
        refused.connection(.ended(.closed(.usernameTaken, reason: "")))
        #expect(refused.exitCode == .refused)
    }

    @Test func `A pipe whose line could not be sent says so in its exit code`() {
        for event in [ClientEvent.lineTooLong, .line("/nonsense")] {
            var client = Client.open(interactive: false, editor: false)
            client.handle(event)
            client.handle(.endOfInput)
            client.connection(.ended(.closed(.normal, reason: "")))
            #expect(client.exitCode == .incomplete)
        }
    }

    @Test(arguments: [
        "message too long: at most 8192 bytes", "not sent: the message store cannot be reached, try again later",
        "not confirmed: the message store did not answer, the message may not have been sent", "too many messages",
    ])
    func `A pipe whose line the server refused says so in its exit code, however late the answer`(notice: String) {
        let sent = {
            var client = Client.open(interactive: false, editor: false)
            client.handle(.line("hi"))
            client.settle()
            return client
        }
        var early = sent()
        early.system(notice)
        early.handle(.endOfInput)
        var late = sent()
        late.handle(.endOfInput)
        late.system(notice)
        #expect(late.shown.last == .system(notice))
        var unanswered = late
        for var client in [early, late] {
            client.connection(.ended(.closed(.normal, reason: "")))
            #expect(client.exitCode == .incomplete)
        }
        unanswered.passDeadline()
        #expect(unanswered.exitCode == .incomplete)
    }

    @Test(arguments: ["bob: not sent: x", "not joined the room sent:", "Active users: al", "al left the room"])
    func `Other notices leave a pipe's exit code alone`(notice: String) {
        var client = Client.open(interactive: false, editor: false)
        client.handle(.line("hi"))
        client.settle()
        client.system(notice)
        client.handle(.endOfInput)
        client.connection(.ended(.closed(.normal, reason: "")))
        #expect(client.exitCode == .success)
    }

    @Test func `Someone at a terminal has read the refusal, and ends with success`() {
        var client = Client.open()
        client.handle(.line("hi"))
        client.settle()
        client.system("message too long: at most 8192 bytes")
        client.handle(.lineTooLong)
        client.handle(.line("/quit"))
        client.connection(.ended(.closed(.normal, reason: "")))
        #expect(client.exitCode == .success)
    }

    @Test func `Nobody reading the output ends it quietly`() {
        var client = Client.open(interactive: false, editor: false)
        client.handle(.outputClosed)
        #expect(client.statuses.isEmpty)
        client.handle(.outputClosed)
        client.connection(.ended(.closed(.normal, reason: "")))
        #expect(client.exitCode == .outputClosed)
        client.effects = []
        client.handle(.line("after the end"))
        #expect(client.effects.isEmpty)
    }
}
