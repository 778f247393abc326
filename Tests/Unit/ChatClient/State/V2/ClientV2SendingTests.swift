import Testing
import Transport
import Wire

@testable import ChatClient

@Suite struct ClientV2SendingTests {
    @Test(
        arguments: [
            ("hi", .chatMessage(content: "hi", room: "global", id: "m1")),
            ("/msg bob psst", .privateMessage(to: "bob", content: "psst", id: "m1")),
            ("/join dev", .joinRoom(V2Join(room: "dev", resume: nil, history: 50))),
            ("/leave", .joinRoom(V2Join(room: "global", resume: V2Position(after: 7, epoch: "e1"), history: nil))),
            ("/users", .listUsers(room: nil)), ("/users dev", .listUsers(room: "dev")), ("/rooms", .listRooms()),
            ("/users after bob", .listUsers(room: nil, V2ListRange(after: "bob"))),
            ("/users dev after bob", .listUsers(room: "dev", V2ListRange(after: "bob"))),
            ("/rooms after dev", .listRooms(V2ListRange(after: "dev"))),
            ("/history 5", .history(room: "global", .before(8), limit: 5)),
        ] as [(String, V2Command)])
    func `A line becomes a command`(line: String, command: V2Command) {
        var client = Client.live(last: 7)
        client.handle(.line(line))
        #expect(client.commands == [command])
    }

    @Test func `A message is pending until its acknowledgement, and then shown as sent`() {
        var client = Client.live()
        client.handle(.line("hi"))
        #expect(client.shown.isEmpty)
        #expect(client.state.prompt == "[global]…")
        client.acknowledge(1)
        #expect(client.shown == [.sent(room: "global", content: "hi")])
        #expect(client.state.prompt == "[global] ")
    }

    @Test func `A message that is not acknowledged soon is shown as waiting, once`() {
        var client = Client.live()
        client.handle(.line("hi"))
        client.passDeadline()
        #expect(client.now == Timing.pending)
        #expect(client.shown == [.waiting("hi")])
        client.now += .seconds(1)
        client.handle(.tick)
        #expect(client.shown.count == 1)
    }

    @Test func `What the server would not take is not even sent, and nothing waits behind it`() {
        var client = Client.live()
        let long = String(repeating: "é", count: 5000)
        client.handle(.line(long))
        client.handle(.line("hi"))
        #expect(client.shown == [.failed(line: long, reason: "too long by 1808 bytes; the server takes 8192")])
        #expect(client.messages == ["global/m2: hi"])
    }

    @Test func `Ids are random, long and never the same`() {
        let ids = (0..<100).map { _ in MessageID.random() }
        #expect(Set(ids).count == 100)
        #expect(ids.allSatisfy { $0.count == 32 && $0.allSatisfy(\.isHexDigit) })
    }

    @Test func `In a room one message is under way at a time; other lines do not wait for it`() {
        var client = Client.live()
        for line in ["one", "two", "/msg bob psst", "/rooms", "/users"] { client.handle(.line(line)) }
        #expect(client.commands.map(\.type) == ["chat_message", "private_message", "list_rooms"])
        client.acknowledge(1)
        client.answer(
            "list_rooms", with: .roomList([V2Room(name: "dev", members: 2), V2Room(name: "ops", members: 1)]))
        #expect(client.messages == ["global/m1: one", "global/m2: two"])
        #expect(client.commands.last == .listUsers(room: nil))
        #expect(client.shown.last == .system("Available rooms: dev, ops"))
        client.answer("list_users", with: .userList(room: nil, users: ["al", "bob"]))
        #expect(client.shown.last == .system("Active users: al, bob"))
    }

    @Test func `The users of a room are listed with its name`() {
        var client = Client.live()
        client.handle(.line("/users dev"))
        client.answer("list_users", with: .userList(room: "dev", users: ["bob"]))
        #expect(client.shown == [.system("Users in dev: bob")])
    }

    @Test func `Of a long list the first part is shown, with how to go on, and then the next`() {
        var client = Client.live()
        client.handle(.line("/users dev"))
        client.answer("list_users", with: .userList(room: "dev", users: ["al", "bob"], more: true, total: 100_002))
        client.handle(.line("/users dev after bob"))
        client.answer("list_users", with: .userList(room: "dev", users: ["cy"], more: true, total: 100_002))
        client.handle(.line("/users after zed"))
        client.answer("list_users", with: .userList(room: nil, users: ["zoe"], total: 100_002))
        client.handle(.line("/rooms"))
        client.answer("list_rooms", with: .roomList([V2Room(name: "dev", members: 2)], more: true, total: 3))
        #expect(
            client.shown == [
                .system("Users in dev: al, bob … and 100000 more (/users dev after bob for the next)"),
                .system("Users in dev: cy … and more, 100002 in all (/users dev after cy for the next)"),
                .system("Active users: zoe"),
                .system("Available rooms: dev … and 2 more (/rooms after dev for the next)"),
            ])
    }

    @Test func `A server that does not count a long list is believed all the same`() {
        var client = Client.live()
        client.handle(.line("/users"))
        client.answer("list_users", with: .userList(room: nil, users: ["al"], more: true))
        client.handle(.line("/rooms"))
        client.answer("list_rooms", with: .roomList([], more: true, total: 9))
        #expect(
            client.shown == [
                .system("Active users: al … and more (/users after al for the next)"), .system("Available rooms: "),
            ])
    }

    @Test func `A change of room waits for what is said before it, and what follows for the new room to be read`() {
        var client = Client.live()
        for line in ["here", "/join dev", "there", "/users dev", "/leave", "here again"] { client.handle(.line(line)) }
        #expect(client.messages == ["global/m1: here"])
        client.effects = []
        client.acknowledge(for: "1", 1)
        #expect(client.commands.map(\.type) == ["join_room"])
        #expect(client.state.prompt == "[dev]…")
        client.answer("join_room", with: .joined(room: "dev", members: 1, lastSequence: 4, epoch: "e1"))
        #expect(client.shown.contains(.system("al joined the room dev")))
        #expect(client.messages.isEmpty)
        client.hear(.history(V2History(room: "dev", messages: [], more: false, truncated: false, epoch: "e1")))
        #expect(client.messages == ["dev/m3: there"])
        #expect(client.commands.last == .listUsers(room: "dev"))
        #expect(!client.commands.contains { if case .joinRoom(let join) = $0 { join.room == "global" } else { false } })
        client.acknowledge(5, room: "dev")
        #expect(
            client.commands.last
                == .joinRoom(V2Join(room: "global", resume: V2Position(after: 1, epoch: "e1"), history: nil)))
    }

    @Test func `What was meant for a room that cannot be entered is not said elsewhere`() {
        var client = Client.live(interactive: false)
        for line in ["/join dev", "secret of dev", "/join ops", "for ops"] { client.handle(.line(line)) }
        client.refuse("join_room", "forbidden")
        #expect(
            client.shown.contains(.failed(line: "/join dev", reason: "forbidden!"))
                && client.shown.contains(.failed(line: "secret of dev", reason: "you are in the room global")))
        client.answer("join_room", with: .joined(room: "ops", members: 1, lastSequence: 0, epoch: "e1"))
        client.hear(.history(V2History(room: "ops", messages: [], more: false, truncated: false, epoch: "e1")))
        #expect(client.messages == ["ops/m4: for ops"])
        #expect(client.state.session.outbox.hasLost)
    }

    // MARK: Reconnecting

    @Test func `What is pending is sent again with its id, after the resume has settled what it contains`() {
        var client = Client.live()
        client.handle(.line("one"))
        client.handle(.line("two"))
        client.comeBack()
        client.hear(.inbox(V2Inbox(messages: [], more: false, truncated: false, epoch: "e1")), ref: "inbox")
        client.hear(.joined(room: "global", members: 1, lastSequence: 3, epoch: "e1"), ref: "resume")
        client.hear(.history(V2History(room: "global", messages: [], more: true, truncated: false, epoch: "e1")))
        #expect(client.messages.isEmpty)
        client.hear(.history(V2History(room: "global", messages: [], more: false, truncated: false, epoch: "e1")))
        #expect(client.messages == ["global/m1: one"])
        client.acknowledge(3, duplicate: true)
        #expect(client.messages == ["global/m1: one", "global/m2: two"])
    }

    @Test func `A pending message that the resume contains is settled by it, and shown once`() {
        var client = Client.live()
        client.handle(.line("one"))
        client.handle(.line("two"))
        client.comeBack()
        client.enter(last: 5, missed: [.said("hi", 4), .said("one", 5, by: "al", id: "m1")])
        #expect(client.shown.filter { $0 == .sent(room: "global", content: "one") }.count == 1)
        #expect(client.heard == ["bob: hi"])
        #expect(client.statuses.last == "reconnected, 1 message recovered")
        #expect(client.messages == ["global/m2: two"])
    }

    @Test func `So it is by a live message, and its late acknowledgement says nothing new`() {
        var client = Client.live()
        client.handle(.line("one"))
        client.hear(.chatMessage(.said("one", 5, by: "al", id: "m1")))
        client.acknowledge(5, duplicate: true)
        #expect(client.shown == [.sent(room: "global", content: "one")])
    }

    @Test func `Somebody else's message with a pending id settles nothing`() {
        var client = Client.live()
        client.handle(.line("one"))
        client.hear(.chatMessage(.said("one", 5, by: "eve", id: "m1")))
        #expect(client.heard == ["eve: one"])
        client.acknowledge(6)
        #expect(client.shown.last == .sent(room: "global", content: "one"))
    }

    @Test func `A change of room that was not confirmed is asked for again after the resume of the old one`() {
        var client = Client.live()
        client.handle(.line("/join dev"))
        client.handle(.line("hi"))
        client.comeBack()
        #expect(client.requests.first?.room == "global")
        client.enter()
        guard case .joinRoom(let join)? = client.commands.last else {
            Issue.record("\(client.commands)")
            return
        }
        #expect(join.room == "dev")
        #expect(client.messages.isEmpty)
    }

    // MARK: Failing

    @Test func `Unavailable is tried again with the same id after a short while, before what follows`() {
        var client = Client.live()
        client.handle(.line("one"))
        client.handle(.line("two"))
        client.refuse("chat_message", "unavailable")
        #expect(client.messages == ["global/m1: one"])
        #expect(client.statuses == ["the server cannot do it now, trying again until it can (unavailable!)"])
        client.passDeadline()
        #expect(client.now == .seconds(0.5))
        client.refuse("chat_message", "unavailable")
        #expect(client.statuses.count == 1)
        client.passDeadline()
        #expect(client.messages == Array(repeating: "global/m1: one", count: 3))
        client.acknowledge(1)
        #expect(client.messages.last == "global/m2: two")
    }

    @Test func `The delay between tries is bounded`() {
        var client = Client.live(interactive: false)
        client.handle(.line("one"))
        for _ in 0..<8 {
            client.refuse("chat_message", "unavailable")
            client.passDeadline()
        }
        let before = client.now
        client.refuse("chat_message", "unavailable")
        client.passDeadline()
        #expect(client.now - before == Timing.unavailable)
    }

    @Test func `A pipe gives up when messages cannot be stored for too long`() {
        var client = Client.live(interactive: false)
        client.handle(.line("one"))
        client.handle(.endOfInput)
        while client.now < .seconds(120), !client.effects.contains(.close(Attempt(number: 1), .normal)) {
            client.refuse("chat_message", "unavailable")
            if !client.effects.contains(.close(Attempt(number: 1), .normal)) { client.passDeadline() }
        }
        #expect(client.now > Timing.outage && client.now < Timing.outage + Timing.unavailable * 2)
        #expect(client.statuses.last == "1 line was not confirmed by the server")
        client.connection(.ended(.closed(.normal, reason: "")))
        #expect(client.exitCode == .unacknowledged)
    }

    @Test func `Too much at once waits as long as the server says, and then keeps the pace it knows`() {
        var client = Client.v2()
        client.connection(.ended(.lost("")))
        client.passDeadline()
        client.open(limits: .init(messageBytes: 8192, messagesPerWindow: 10, windowSeconds: 10))
        client.enter()
        client.effects = []
        for line in ["one", "two", "three"] { client.handle(.line(line)) }
        let start = client.now
        client.refuse("chat_message", "rate_limited", after: 2_000)
        #expect(client.statuses == ["too many messages at once; sending again in 2.0 s"])
        client.passDeadline()
        #expect(client.now - start == .seconds(2))
        client.acknowledge(1)
        #expect(client.messages == ["global/m1: one", "global/m1: one"])
        client.now = start + .milliseconds(3_100)
        client.handle(.tick)
        #expect(client.messages.last == "global/m2: two")
    }

    @Test(arguments: ["message_too_long", "empty_message", "not_in_room", "forbidden", "internal", "new_code"])
    func `Other errors end the try, with the server's words and a pipe's exit code`(code: String) {
        var client = Client.live(interactive: false)
        client.handle(.line("one"))
        client.handle(.line("two"))
        client.refuse("chat_message", code)
        #expect(client.shown == [.failed(line: "one", reason: "\(code)!")])
        #expect(client.messages == ["global/m1: one", "global/m2: two"])
        client.handle(.endOfInput)
        client.acknowledge(1)
        client.connection(.ended(.closed(.normal, reason: "")))
        #expect(client.exitCode == .incomplete)
    }
}

extension Client {
    fileprivate mutating func acknowledge(for ref: String, _ sequence: UInt64) {
        hear(.ack(V2Ack(id: nil, room: "global", sequence: sequence, timestamp: "", isDuplicate: false)), ref: ref)
    }
}
