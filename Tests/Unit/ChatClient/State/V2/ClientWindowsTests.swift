import Testing
import Wire

@testable import ChatClient

/// A client with windows: in several rooms at once, and told of everything as it is.
@Suite struct ClientWindowsTests {
    /// In `global`, with nothing left to ask.
    private func live() -> Client {
        var client = Client.v2(windows: true)
        client.enter()
        client.hear(.userList(room: "global", users: ["al"]), ref: "names")
        client.effects = []
        return client
    }

    /// Enters one more room.
    private func join(_ room: String, _ client: inout Client) {
        client.ask(.join(room, stay: true))
        client.answer("join_room", with: .joined(room: room, members: 2, lastSequence: 0, epoch: Client.epoch))
        client.hear(.history(V2History(room: room, messages: [], more: false, truncated: false, epoch: Client.epoch)))
        client.hear(.userList(room: room, users: ["al"]), ref: "names")
    }

    @Test func `Entering a room brings its members' names, and whether there is more before it`() {
        var client = Client.v2(windows: true)
        client.effects = []
        client.hear(.joined(room: "global", members: 3, lastSequence: 9, epoch: "e1"), ref: "resume")
        client.hear(
            .history(V2History(room: "global", messages: [.said("old", 9)], more: true, truncated: false, epoch: "e1")))
        #expect(
            client.happenings.prefix(3) == [
                .entered(room: "global", username: "al", members: 3, isNew: true, isReturn: false),
                .said(Said(.said("old", 9), isLive: false)), .hasOlder(room: "global", true),
            ])
        #expect(client.commands.contains(.listUsers(room: "global")))
        client.hear(.userList(room: "global", users: ["al", "bob"]), ref: "names")
        #expect(client.happenings.last == .names(room: "global", ["al", "bob"]))
    }

    @Test func `Several rooms are heard, each message where it was said`() {
        var client = live()
        join("dev", &client)
        #expect(client.commands.contains { if case .joinRoom(let join) = $0 { join.stay } else { false } })
        client.effects = []
        client.hear(.chatMessage(.said("one", 1)))
        client.hear(.chatMessage(.said("two", 2, in: "dev")))
        #expect(
            client.happenings == [
                .said(Said(.said("one", 1), isLive: true)), .said(Said(.said("two", 2, in: "dev"), isLive: true)),
            ])
        client.ask(.say("to both", in: .room("global")))
        client.ask(.say("of you", in: .room("dev")))
        #expect(client.messages == ["global/\(id(0, client)): to both", "dev/\(id(1, client)): of you"])
    }

    private func id(_ index: Int, _ client: Client) -> String {
        let ids = client.happenings.compactMap { if case .pending(let id, _, _, _) = $0 { id } else { nil } }
        return ids.indices.contains(index) ? ids[index] : "none"
    }

    @Test func `A message is pending until it is stored or refused`() {
        var client = live()
        client.ask(.say("hi", in: .room("global")))
        let first = id(0, client)
        #expect(client.happenings == [.pending(id: first, .room("global"), content: "hi", isOffline: false)])
        client.now = .milliseconds(12)
        client.acknowledge(5)
        #expect(
            client.happenings.last
                == .stored(id: first, .room("global"), content: "hi", timestamp: "", sequence: 5))
        #expect(client.state.status.lag == .milliseconds(12))
        client.ask(.say("no", in: .user("bob")))
        client.refuse("private_message", "no_such_user")
        #expect(
            client.happenings.last
                == .failed(
                    id: id(1, client), .user("bob"), content: "no", line: "no", reason: "no_such_user!"))
    }

    @Test func `Entering without staying leaves all others`() {
        var client = live()
        join("dev", &client)
        client.effects = []
        client.ask(.join("ops", stay: false))
        client.answer("join_room", with: .joined(room: "ops", members: 1, lastSequence: 0, epoch: Client.epoch))
        #expect(client.happenings.suffix(2) == [.left(room: "global"), .left(room: "dev")])
        client.hear(.chatMessage(.said("late", 3, in: "dev")))
        #expect(client.happenings.count == 3, "nothing of a room that was left")
        client.ask(.say("lost?", in: .room("dev")))
        #expect(client.effects.contains(.giveBack("lost?")))
    }

    @Test func `One of several rooms is left, the last one is left for global`() {
        var client = live()
        join("dev", &client)
        client.ask(.leave("dev"))
        #expect(client.commands.last == .leaveRoom("dev"))
        client.answer("leave_room", with: .left(room: "dev"))
        #expect(client.happenings.last == .left(room: "dev"))
        #expect(client.state.session.rooms.current == "global")
        client.ask(.leave("global"))
        #expect(
            client.commands.last.map { if case .joinRoom(let join) = $0 { join.room == "global" } else { false } }
                == true)
    }

    @Test func `After a reconnect all rooms are gone back to, one after the other, staying in each`() {
        var client = live()
        join("dev", &client)
        join("ops", &client)
        client.lose()
        client.effects = []
        client.passDeadline()
        client.open()
        for room in ["ops", "global", "dev"] {
            let joins = client.commands.compactMap { if case .joinRoom(let join) = $0 { join } else { nil } }
            #expect(joins.last?.room == room)
            #expect(joins.last?.stay == true)
            client.hear(.joined(room: room, members: 1, lastSequence: 4, epoch: Client.epoch), ref: "resume")
            let missed: [V2Message] = room == "dev" ? [.said("missed", 4, in: "dev")] : []
            client.hear(
                .history(V2History(room: room, messages: missed, more: false, truncated: false, epoch: Client.epoch)))
        }
        client.hear(.inbox(V2Inbox(messages: [], more: false, truncated: false, epoch: Client.epoch)), ref: "inbox")
        #expect(client.happenings.last == .recovered(words: "reconnected, 1 message recovered"))
        client.hear(.chatMessage(.said("live", 5, in: "global")))
        #expect(client.happenings.last == .said(Said(.said("live", 5), isLive: true)))
    }

    @Test func `A room that cannot be gone back to does not keep the others away`() {
        var client = live()
        join("dev", &client)
        client.lose()
        client.effects = []
        client.passDeadline()
        client.open()
        client.hear(.error(code: "forbidden", content: "no", retryAfterMilliseconds: nil), ref: "resume")
        #expect(client.happenings.contains(.left(room: "dev")))
        #expect(client.commands.last.map { if case .joinRoom(let join) = $0 { join.room } else { "" } } == "global")
    }

    @Test func `Where fewer rooms are allowed than it was in, those beyond are given up, and it comes to rest`() {
        var client = live()
        for room in ["dev", "ops", "web"] { join(room, &client) }
        client.lose()
        client.effects = []
        client.passDeadline()
        client.open()
        client.hear(.inbox(V2Inbox(messages: [], more: false, truncated: false, epoch: Client.epoch)), ref: "inbox")
        let words = "you may be in 2 rooms at a time; leave one first"
        var given: [String] = []
        for number in 0..<4 {
            let joins = client.commands.compactMap { if case .joinRoom(let join) = $0 { join } else { nil } }
            guard let join = joins.last, join.stay else {
                Issue.record("\(number): \(client.commands)")
                return
            }
            client.effects = []
            if number < 2 {
                client.hear(.joined(room: join.room, members: 1, lastSequence: 0, epoch: Client.epoch), ref: "resume")
                client.hear(
                    .history(
                        V2History(room: join.room, messages: [], more: false, truncated: false, epoch: Client.epoch)))
            } else {
                given.append(join.room)
                client.hear(.error(code: "too_many_rooms", content: words, retryAfterMilliseconds: nil), ref: "resume")
                #expect(client.happenings.contains(.left(room: join.room)))
                #expect(client.statuses.contains("cannot enter the room \(join.room): \(words)"))
            }
        }
        #expect(given == ["dev", "ops"])
        // Nothing is asked any more.
        #expect(!client.commands.contains { if case .joinRoom = $0 { true } else { false } })
        #expect(client.happenings.contains(.recovered(words: "reconnected")))
        // The user's own wish is refused in words, once.
        client.effects = []
        client.ask(.join("qa", stay: true))
        client.answer("join_room", with: .error(code: "too_many_rooms", content: words, retryAfterMilliseconds: nil))
        #expect(client.commands.count { if case .joinRoom = $0 { true } else { false } } == 1)
        #expect(client.state.nextDeadline != nil)
    }

    @Test func `Older messages are asked for from where the window begins`() {
        var client = live()
        client.ask(.older(room: "global", before: 40, count: 100))
        #expect(client.commands.last == .history(room: "global", .before(40), limit: 100))
        client.answer(
            "history",
            with: .history(
                V2History(room: "global", messages: [.said("a", 38)], more: true, truncated: false, epoch: "e1")))
        #expect(
            client.happenings.last
                == .older(
                    room: "global", [Said(.said("a", 38), isLive: false)], more: true,
                    words: "1 older message in global"))
    }

    @Test func `Typing is told while there is a connection, and heard`() {
        var client = live()
        client.ask(.typing(room: "global", isTyping: true))
        #expect(client.commands == [.typing(isTyping: true, room: "global")])
        client.ask(.typing(room: "elsewhere", isTyping: true))
        #expect(client.commands.count == 1)
        client.hear(.typing(room: "global", username: "bob", isTyping: true))
        #expect(client.happenings == [.typing(room: "global", username: "bob", isTyping: true)])
        client.lose()
        client.ask(.typing(room: "global", isTyping: true))
        #expect(client.commands.count == 1)
    }

    @Test func `What is written without a connection waits, and the status says how much`() {
        var client = live()
        client.lose()
        client.ask(.say("later", in: .room("global")))
        #expect(
            client.happenings.last
                == .pending(id: id(0, client), .room("global"), content: "later", isOffline: true))
        #expect(client.state.status.unsent == 1)
        guard case .waiting = client.state.status.connection else {
            Issue.record("\(client.state.status)")
            return
        }
        client.ask(.reconnect)
        #expect(client.state.status.connection == .connecting)
    }
}

extension Client {
    mutating func ask(_ ask: Ask) { handle(.asked(ask)) }

    var happenings: [Happening] {
        effects.compactMap { if case .report(let happening) = $0 { happening } else { nil } }
    }
}

/// A client with windows on a server that knows only the original's protocol.
@Suite struct ClassicWindowsTests {
    private func open() -> Client {
        var client = Client(windows: true)
        client.greet("global")
        client.effects = []
        return client
    }

    @Test func `One room at a time: entering one leaves the other`() {
        var client = open()
        client.ask(.join("dev", stay: true))
        client.settle()
        client.system("al joined the room dev")
        #expect(
            client.happenings == [
                .entered(room: "dev", username: "al", members: 0, isNew: true, isReturn: false), .left(room: "global"),
            ])
        client.ask(.say("hello?", in: .room("global")))
        #expect(client.said == [], "it would be said in dev")
        #expect(client.effects.contains(.giveBack("hello?")))
        client.ask(.say("hello", in: .room("dev")))
        #expect(client.said == ["hello"])
        client.settle()
        guard
            case .stored(id: _, .room("dev"), content: "hello", timestamp: nil, sequence: nil)? = client.happenings.last
        else {
            Issue.record("\(client.happenings)")
            return
        }
    }

    @Test func `What others say and do is told in their window, or as it came`() {
        var client = open()
        client.hear(.chatMessage(sender: "bob", content: "hi", timestamp: "2026-11-21 12:00:00", room: "global"))
        let said = Said(place: .room("global"), sender: "bob", content: "hi", timestamp: "2026-11-21 12:00:00")
        #expect(client.happenings == [.said(said)])
        client.system("bob left the room")
        #expect(client.shown == [.system("bob left the room")])
        client.ask(.typing(room: "global", isTyping: true))
        client.ask(.names(room: "global"))
        #expect(client.sends.isEmpty, "it has neither")
    }
}
