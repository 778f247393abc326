import Domain
import NIOCore
import NIOEmbedded
import NIOWebSocket
import Service
import Testing
import Wire

@testable import ChatServer
@testable import SteppedService

/// Requests and their answers.
struct V2ConversationTests {
    let edge = EmbeddedEdge()

    func connect(_ name: String, room: String = "global") throws -> EmbeddedClient {
        let client = try edge.connectV2("username=\(name)&room=\(room)")
        edge.turn()
        guard case .welcome? = try client.v2().first?.event else {
            Issue.record("not welcomed")
            return client
        }
        return client
    }

    /// Connected, and shown `room` live.
    func live(_ name: String, in room: String = "global") throws -> EmbeddedClient {
        let client = try connect(name, room: room)
        try client.ask(.joinRoom(V2Join(room: room, history: 0)))
        edge.turn()
        #expect(try client.v2().map(\.event.type) == ["joined", "history"])
        return client
    }

    func words(_ client: EmbeddedClient) throws -> [String] { try client.frames().map(\.words) }

    // MARK: Coming

    @Test func `the welcome is first, and nothing of a room is shown before it is joined`() throws {
        let client = try edge.connectV2("username=alice&room=dev")
        edge.turn()
        guard case .welcome(let welcome)? = try client.v2().first?.event else {
            Issue.record("not welcomed")
            return
        }
        #expect(welcome.username == "alice" && welcome.rooms == ["dev"])
        #expect(welcome.instance == "test" && welcome.version == "2.0.0")
        #expect(SessionSecret(welcome.session) != nil)
        #expect(
            welcome.limits
                == .init(
                    messageBytes: 4096, messagesPerWindow: 0, windowSeconds: 0, frameBytes: 65_536,
                    roomsPerSession: 100))
        edge.chat.store("hello", in: try RoomName("dev"))
        edge.turn()
        #expect(try client.v2() == [])
    }

    @Test func `a name that is taken is refused in words, then with a code`() throws {
        _ = try connect("alice")
        let second = try edge.connectV2("username=alice")
        edge.turn()
        #expect(try words(second) == ["error username_taken", "close 4001"])
    }

    @Test func `requests that come before the session has begun are done when it has, in order`() throws {
        let client = try edge.connectV2("username=alice")
        try client.ask(.joinRoom(V2Join(room: "global")), ref: "1")
        try client.ask(.chatMessage(content: "hi", room: nil, id: "m"), ref: "2")
        try client.ask(.listRooms(), ref: "3")
        edge.turn()
        let heads = try words(client).map { $0.prefix { $0 != " " } }
        #expect(heads.filter { $0 != "2:ack" } == ["welcome", "1:joined", "history", "3:room_list"])
        // When the log has it: in the room's order, not in that of the requests.
        #expect(heads.count { $0 == "2:ack" } == 1)
    }

    @Test func `who presents the secret takes over, and the other connection is sent away for good`() throws {
        let first = try edge.connectV2("username=alice")
        edge.turn()
        guard case .welcome(let welcome)? = try first.v2().first?.event else {
            Issue.record("not welcomed")
            return
        }
        let second = try edge.connectV2("username=alice&room=dev&session=\(welcome.session)")
        edge.turn()
        #expect(try first.frames().last == .close(4001))
        guard case .welcome(let again)? = try second.v2().first?.event else {
            Issue.record("not welcomed")
            return
        }
        #expect(again.rooms == ["global"] && again.session == welcome.session)
    }

    // MARK: Rooms

    @Test func `a room is joined, its history shown, and then it is live`() throws {
        for number in 1...3 { edge.chat.store("\(number)") }
        let client = try connect("alice")
        try client.ask(.joinRoom(V2Join(room: "global", history: 2)), ref: "r")
        edge.turn()
        #expect(try words(client) == ["r:joined global 1 last 3", "history global [2, 3] more"])
        edge.chat.store("4")
        edge.turn()
        #expect(try words(client) == ["4 zoe: 4"])
    }

    @Test func `who comes back is shown what was missed, page by page, and then what comes`() throws {
        for number in 1...250 { edge.chat.store("\(number)") }
        let client = try connect("alice")
        try client.ask(.joinRoom(V2Join(room: "global", resume: V2Position(after: 20, epoch: "epoch-1"))))
        edge.turn()
        let frames = try client.v2()
        let pages = frames.compactMap { frame -> V2History? in
            if case .history(let history) = frame.event { history } else { nil }
        }
        #expect(pages.flatMap(\.messages).map(\.sequence) == Array(21...250))
        #expect(pages.allSatisfy { $0.messages.count <= 100 })
        #expect(pages.map(\.more) == pages.indices.map { $0 < pages.count - 1 })
        #expect(pages.allSatisfy { !$0.truncated && $0.epoch == "epoch-1" })
        #expect(frames.first?.event.type == "joined" && frames.count == pages.count + 1)
    }

    @Test func `several rooms are shown to who stays in them, each of one's own`() throws {
        let client = try live("alice")
        try client.ask(.joinRoom(V2Join(room: "dev", history: 0, stay: true)))
        edge.turn()
        #expect(try words(client) == ["joined dev 1 last 0", "history dev []"])
        edge.chat.store("g")
        edge.chat.store("d", in: try RoomName("dev"))
        edge.turn()
        #expect(Set(try words(client)) == ["1 zoe: g", "2 zoe: d"])
        try client.ask(.leaveRoom("global"), ref: "r")
        edge.turn()
        #expect(try words(client) == ["r:left global"])
        edge.chat.store("g")
        edge.chat.store("d2", in: try RoomName("dev"))
        edge.turn()
        #expect(try words(client) == ["4 zoe: d2"])
    }

    @Test func `who leaves the last room is in global, and shown it`() throws {
        let client = try live("alice", in: "dev")
        try client.ask(.leaveRoom(nil), ref: "r")
        edge.turn()
        #expect(try words(client) == ["r:left dev", "joined global 1 last 0", "history global []"])
        edge.chat.store("hello")
        edge.turn()
        #expect(try words(client) == ["1 zoe: hello"])
    }

    /// What is said meanwhile comes after so many steps of what the request sets going.
    @Test(arguments: 0...30)
    func `who joins a room once more is shown what is said meanwhile once`(steps: Int) throws {
        edge.chat.store("before")
        let client = try live("alice")
        try client.ask(.joinRoom(V2Join(room: "global", history: 0)), ref: "r")
        for step in 0...steps {
            if step == steps { edge.chat.store("meanwhile") }
            while edge.chat.log.letCopyThrough() {}
            edge.eventLoop.run()
            _ = edge.chat.executor.step()
        }
        edge.turn()
        edge.chat.store("after")
        edge.turn()
        let frames = try client.frames()
        #expect(frames.count { $0.v2?.ref == "r" } == 1)
        #expect(frames.flatMap(\.sequences) == [2, 3])
    }

    // MARK: Messages

    @Test func `within a batch everyone's acknowledgement stands in its message's place`() throws {
        let (alice, bob, carol) = (try live("alice"), try live("bob"), try live("carol"))
        _ = (try words(alice), try words(bob))
        try bob.ask(.chatMessage(content: "one", room: nil, id: "b"), ref: "rb")
        try alice.ask(.chatMessage(content: "two", room: nil, id: "a"), ref: "ra")
        edge.chat.store("three")
        // The log's words first, then all that is live at once.
        while edge.chat.log.letOutcomeThrough() {}
        edge.eventLoop.run()
        #expect(try words(alice) == [] && words(bob) == [])
        edge.turn()
        #expect(try words(alice) == ["1 bob: one", "ra:ack a 2", "3 zoe: three"])
        #expect(try words(bob) == ["rb:ack b 1", "2 alice: two", "3 zoe: three"])
        #expect(try words(carol) == ["1 bob: one", "2 alice: two", "3 zoe: three"])
    }

    @Test func `a live copy that comes before the log's word is acknowledgement enough, once`() throws {
        let alice = try live("alice")
        try alice.ask(.chatMessage(content: "hi", room: nil, id: "a"), ref: "r")
        edge.chat.log.letCopyThrough()
        edge.eventLoop.run()
        #expect(try words(alice) == ["r:ack a 1"])
        edge.turn()
        #expect(try words(alice) == [])
    }

    @Test func `in a room that one is in and does not read, the log's word is enough`() throws {
        let alice = try connect("alice")
        try alice.ask(.chatMessage(content: "hi", room: nil, id: "a"), ref: "r")
        edge.turn()
        #expect(try words(alice) == ["r:ack a 1"])
    }

    @Test func `a retry is acknowledged at once with the first one's place and time`() throws {
        let alice = try live("alice")
        try alice.ask(.chatMessage(content: "hi", room: nil, id: "a"), ref: "1")
        edge.turn()
        try alice.ask(.chatMessage(content: "hi", room: nil, id: "a"), ref: "2")
        edge.turn()
        guard case .ack(let first)? = try alice.frames().first?.v2?.event else {
            Issue.record("not acknowledged")
            return
        }
        try alice.ask(.chatMessage(content: "hi", room: nil, id: "a"), ref: "3")
        edge.turn()
        let frames = try alice.v2()
        #expect(
            frames == [
                V2Frame(
                    .ack(V2Ack(id: "a", room: "global", sequence: 1, timestamp: first.timestamp, isDuplicate: true)),
                    ref: "3")
            ])
    }

    @Test(arguments: [false, true])
    func `a known id sent again before its history has come is a duplicate with the first one's time`(
        isLogFaster: Bool
    ) throws {
        let alice = try connect("alice")
        try alice.ask(.chatMessage(content: "hi", room: nil, id: "a"), ref: "1")
        edge.turn()
        guard case .ack(let first)? = try alice.v2().first?.event else {
            Issue.record("not acknowledged")
            return
        }
        edge.chat.pass(.milliseconds(5))
        try alice.ask(.joinRoom(V2Join(room: "global")), ref: "2")
        try alice.ask(.chatMessage(content: "hi", room: nil, id: "a"), ref: "3")
        while edge.chat.isBusy {
            if isLogFaster { while edge.chat.log.letOutcomeThrough() {} }
            _ = edge.chat.executor.step() || edge.chat.log.letOutcomeThrough() || edge.chat.log.letCopyThrough()
            edge.eventLoop.run()
        }
        let acks = try alice.v2().filter { $0.event.type == "ack" }
        #expect(
            acks == [
                V2Frame(
                    .ack(V2Ack(id: "a", room: "global", sequence: 1, timestamp: first.timestamp, isDuplicate: true)),
                    ref: "3")
            ])
    }

    @Test func `what one does oneself is told to the others`() throws {
        let (alice, bob) = (try live("alice"), try live("bob"))
        _ = try words(alice)
        try alice.ask(.typing(isTyping: true, room: nil))
        edge.turn()
        #expect(try words(alice) == [])
        #expect(try words(bob) == ["alice writes in global"])
        try alice.ask(.joinRoom(V2Join(room: "dev", history: 0)))
        edge.turn()
        #expect(try words(alice) == ["joined dev 1 last 0", "history dev []"])
        #expect(try words(bob) == ["-alice@global 1"])
    }

    @Test func `what is refused is refused under its reference, and changes nothing`() throws {
        let client = try live("alice")
        for (text, words) in [
            (#"{"type":"chat_message","content":" ","ref":"1"}"#, "1:error empty_message"),
            (
                #"{"type":"chat_message","content":"\#(String(repeating: "x", count: 4097))","ref":"2"}"#,
                "2:error message_too_long"
            ),
            (#"{"type":"chat_message","content":"x","room":"dev","ref":"3"}"#, "3:error not_in_room"),
            (#"{"type":"chat_message","content":"x","room":"a b","ref":"4"}"#, "4:error invalid_room"),
            (#"{"type":"chat_message","content":"x","id":"","ref":"5"}"#, "5:error bad_request"),
            (#"{"type":"join_room","room":"a b","ref":"6"}"#, "6:error invalid_room"),
            (#"{"type":"leave_room","room":"dev","ref":"7"}"#, "7:error not_in_room"),
            (#"{"type":"history","room":"dev","ref":"8"}"#, "8:error not_in_room"),
            (#"{"type":"private_message","to":"a b","content":"x","ref":"9"}"#, "9:error invalid_username"),
            (#"{"type":"private_message","to":"ghost","content":"x","ref":"10"}"#, "10:error no_such_user"),
            (#"{"type":"typing","is_typing":true,"room":"dev","ref":"11"}"#, "11:error not_in_room"),
            (#"{"type":"authenticate","token":"x","ref":"12"}"#, "12:error forbidden"),
            (#"{"type":"dance","ref":"13"}"#, "13:error unknown_type"),
            (#"{"type":"chat_message","ref":"14"}"#, "14:error bad_request"),
            ("[]", "error bad_request"),
        ] {
            try client.receive(.text, Array(text.utf8))
            edge.turn()
            #expect(try self.words(client) == [words])
        }
        #expect(edge.chat.log.retained(.room(.global)).isEmpty)
    }

    @Test func `lists are answered`() throws {
        let client = try live("alice")
        _ = try live("bob", in: "dev")
        _ = try words(client)
        try client.ask(.listUsers(room: nil), ref: "1")
        try client.ask(.listUsers(room: "dev"), ref: "2")
        try client.ask(.listRooms(), ref: "3")
        edge.turn()
        let rooms = [V2Room(name: "dev", members: 1), V2Room(name: "global", members: 1)]
        #expect(
            try client.v2() == [
                V2Frame(.userList(room: nil, users: ["alice", "bob"]), ref: "1"),
                V2Frame(.userList(room: "dev", users: ["bob"]), ref: "2"),
                V2Frame(.roomList(rooms), ref: "3"),
            ])
    }

    @Test func `older messages are looked up in either direction`() throws {
        for number in 1...10 { edge.chat.store("\(number)") }
        let client = try live("alice")
        for (range, expected) in [
            (.latest, "history global [8, 9, 10] more"), (.before(3), "history global [1, 2]"),
            (.after(0), "history global [1, 2, 3] more"), (.after(8), "history global [9, 10]"),
        ] as [(V2HistoryRange, String)] {
            try client.ask(.history(room: "global", range, limit: 3))
            edge.turn()
            #expect(try words(client) == [expected])
        }
    }

    // MARK: Private messages

    @Test func `a private message is acknowledged with one's own copy's place, and shown live to who reads the inbox`()
        throws
    {
        let (alice, bob) = (try connect("alice"), try connect("bob"))
        for client in [alice, bob] {
            try client.ask(.inbox(resume: nil, limit: nil))
            edge.turn()
            #expect(try words(client) == ["inbox []"])
        }
        try alice.ask(.privateMessage(to: "bob", content: "psst", id: "p"), ref: "r")
        edge.turn()
        #expect(try words(alice) == ["r:ack p 2"])
        #expect(try words(bob) == ["1 alice to bob: psst"])
        try bob.ask(.inbox(resume: V2Position(after: 0, epoch: "epoch-1"), limit: nil))
        edge.turn()
        #expect(try words(bob) == ["inbox [1]"])
    }
}
