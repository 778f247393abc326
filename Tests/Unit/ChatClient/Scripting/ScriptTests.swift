import NIOCore
import Testing
import Transport
import Wire

@testable import ChatClient

/// A script with a clock that the test moves, and what it asked for.
private struct Run {
    var script: Script
    var now = Duration.zero
    var effects: [ScriptEffect] = []

    init(_ errand: Errand, format: ScriptFormat = .plain, room: String = "dev", timeout: Duration? = nil) {
        script = Script(
            errand, format: format,
            client: ClientState(
                .init(
                    address: ServerAddress(host: "h", port: 1), username: "al", room: room, isInteractive: false,
                    inputCanWait: true, patience: timeout, isPersistent: errand.isEndless, history: errand.history),
                random: { 1 }, makeID: { "m1" }))
        handle(.started)
    }

    mutating func handle(_ event: ClientEvent) { effects += script.handle(event, at: now) }
    mutating func connection(_ event: ConnectionEvent) { handle(.connection(script.client.attempt, event)) }

    mutating func hear(_ event: V2Event, ref: String? = nil) {
        connection(.received(ByteBuffer(bytes: V2Frame(event, ref: ref).json)))
    }

    /// The upgrade and the welcome.
    mutating func open() {
        connection(.opened(subprotocol: "chat.v2"))
        let limits = V2Welcome.Limits(messageBytes: 0, messagesPerWindow: 0, windowSeconds: 0)
        hear(
            .welcome(
                V2Welcome(username: "al", session: "s", instance: "i", version: "1", rooms: ["dev"], limits: limits)))
    }

    mutating func enter(_ messages: [V2Message] = [], more: Bool = false) {
        hear(.inbox(V2Inbox(messages: [], more: false, truncated: false, epoch: "e")), ref: "inbox")
        hear(.joined(room: "dev", members: 1, lastSequence: 0, epoch: "e"), ref: "resume")
        hear(.history(V2History(room: "dev", messages: messages, more: more, truncated: false, epoch: "e")))
    }

    /// The server's half of the closing handshake.
    mutating func finishClosing() { connection(.ended(.closed(.normal, reason: ""))) }

    mutating func passDeadline() {
        now = script.nextDeadline ?? now
        handle(.tick)
    }

    var requests: [V2Request] {
        effects.compactMap { if case .client(.send(_, _, .v2(let request))) = $0 { request } else { nil } }
    }

    var said: [String] {
        requests.compactMap { if case .chatMessage(let content, _, _) = $0.command { content } else { nil } }
    }

    var exitCode: ExitCode? {
        effects.compactMap { if case .client(.exit(let code)) = $0 { code } else { nil } }.first
    }

    var statuses: [String] {
        effects.compactMap { if case .client(.show(.status(let words))) = $0 { words } else { nil } }
    }

    mutating func answer(_ type: String, with event: V2Event) {
        guard let request = requests.last(where: { $0.command.type == type }) else {
            Issue.record("no \(type) was sent")
            return
        }
        hear(event, ref: request.ref)
    }
}

@Suite struct ScriptTests {
    @Test(arguments: ["hello", "/join dev", "//", "two\nlines", " a "])
    func `Once: the text is said as it is, and the end is its acknowledgement`(text: String) {
        var run = Run(.say(text))
        run.open()
        run.enter()
        #expect(run.said == [text])
        #expect(run.exitCode == nil)
        run.answer("chat_message", with: .ack(V2Ack(id: "m1", room: "dev", sequence: 1, timestamp: "")))
        run.finishClosing()
        #expect(run.exitCode == .success)
    }

    @Test func `Once: a message that is refused for good is no success`() {
        var run = Run(.say("hello"))
        run.open()
        run.enter()
        run.answer("chat_message", with: .error(code: "message_too_long", content: "no", retryAfterMilliseconds: nil))
        run.finishClosing()
        #expect(run.exitCode == .incomplete)
    }

    @Test func `Once: a server that confirms nothing is left after a while`() {
        var run = Run(.say("hello"), timeout: .seconds(5))
        run.open()
        run.enter()
        while run.exitCode == nil, run.now < .seconds(20) { run.passDeadline() }
        #expect(run.exitCode == .unacknowledged)
        #expect(run.now < .seconds(8))
        #expect(run.statuses.contains("1 line was not confirmed by the server"))
    }

    @Test func `A pause that the server asks for is no reason to give up`() {
        var run = Run(.say("hello"), timeout: .seconds(1))
        run.open()
        run.enter()
        run.answer("chat_message", with: .error(code: "rate_limited", content: "", retryAfterMilliseconds: 4_000))
        while run.said.count < 2, run.exitCode == nil, run.now < .seconds(20) { run.passDeadline() }
        #expect(run.said == ["hello", "hello"])
        #expect(run.now >= .seconds(4))
    }

    @Test func `A pipe that makes progress is not given up, however long it takes`() {
        var run = Run(.relay, timeout: .seconds(5))
        run.open()
        run.enter()
        for number in 0..<20 { run.handle(.line("line \(number)")) }
        run.handle(.endOfInput)
        for sequence in 1...20 {
            run.now += .seconds(4)
            run.handle(.tick)
            run.answer("chat_message", with: .ack(V2Ack(room: "dev", sequence: UInt64(sequence), timestamp: "")))
        }
        run.finishClosing()
        #expect(run.exitCode == .success)
        #expect(run.said.count == 20)
    }

    @Test(arguments: [Errand.relay, .say("x"), .show(1), .listen(showing: 0)])
    func `A room that may not be entered ends it, since nothing is meant for another`(errand: Errand) {
        var run = Run(errand)
        run.open()
        run.hear(.error(code: "forbidden", content: "not yours", retryAfterMilliseconds: nil), ref: "resume")
        #expect(run.statuses == ["connected to h:1 as al", "the server refused: not yours"])
        #expect(run.requests.count { $0.command.type == "join_room" } == 1, "and not the lobby's")
        run.finishClosing()
        #expect(run.exitCode == .refused)
        #expect(run.said.isEmpty)
    }

    @Test func `What was to be said in a room that may not be entered is shown, with the server's reason`() {
        var run = Run(.say("hello"))
        run.open()
        run.hear(.error(code: "forbidden", content: "not yours", retryAfterMilliseconds: nil), ref: "resume")
        #expect(run.effects.contains(.client(.show(.failed(line: "hello", reason: "not yours")))))
    }

    @Test func `Tail: the messages alone, and then the end`() {
        var run = Run(.show(2), format: .json)
        run.open()
        run.enter([.said("one", 1, in: "dev"), .said("two", 2, in: "dev"), .said("three", 3, in: "dev")])
        let shown = run.effects.compactMap { if case .message(let message) = $0 { message.content } else { nil } }
        #expect(shown == ["two", "three"])
        #expect(!run.effects.contains { if case .event = $0 { true } else { false } })
        run.finishClosing()
        #expect(run.exitCode == .success)
    }

    @Test func `Tail: older pages are asked for, and a refusal is no success`() {
        var run = Run(.show(5))
        run.open()
        run.enter([.said("three", 3, in: "dev")], more: true)
        #expect(run.requests.last?.command == .history(room: "dev", .before(3), limit: 4))
        #expect(run.statuses == ["connected to h:1 as al"])
        run.answer("history", with: .error(code: "internal", content: "broken", retryAfterMilliseconds: nil))
        run.finishClosing()
        #expect(run.exitCode == .incomplete)
    }

    @Test func `Tail: a server without history cannot be asked`() {
        var run = Run(.show(5))
        run.connection(.opened(subprotocol: nil))
        run.finishClosing()
        #expect(run.exitCode == .unreachable)
    }

    @Test func `JSON: every event of the connection, as it came`() {
        var run = Run(.listen(showing: 0), format: .json)
        run.open()
        run.enter()
        let text = ByteBuffer(string: #"{"type":"from the future","x":1}"#)
        run.connection(.received(text))
        run.handle(.connection(Attempt(number: 99), .received(text)))
        let events = run.effects.compactMap { if case .event(let event) = $0 { event } else { nil } }
        #expect(events.count == 5)
        #expect(events.last == text)
    }

    @Test func `Listening reads nothing, asks for nothing old, and never gives up`() {
        var run = Run(.listen(showing: 0))
        #expect(!run.script.wantsInput)
        for _ in 0..<50 {
            run.connection(.ended(.unreachable("no")))
            run.passDeadline()
        }
        #expect(run.exitCode == nil)
        run.open()
        let join = run.requests.first { $0.command.type == "join_room" }?.command
        #expect(join == .joinRoom(V2Join(room: "dev", resume: nil, history: 0)))
    }
}
