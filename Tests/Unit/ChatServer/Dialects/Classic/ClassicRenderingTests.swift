import Domain
import Service
import Testing
import Wire

@testable import ChatServer

struct ClassicRenderingTests {
    private let alice: Username
    private let dev: RoomName
    private let time = Timestamp(millisecondsSince1970: 1_767_323_045_678)

    init() throws {
        alice = try Username("alice")
        dev = try RoomName("dev")
    }

    private func entry(_ body: Entry.Body, in topic: Topic? = nil) -> TopicEvent {
        .entry(Entry(topic: topic ?? .room(dev), sequence: SequenceNumber(1), previous: nil, body: body))
    }

    @Test func `a message has its sender, text, time to the second, and room`() {
        let message = Message(id: MessageID("m"), sender: "bob", content: "hi", timestamp: time)
        #expect(
            ClassicEvent(entry(.message(message)))
                == .chatMessage(sender: "bob", content: "hi", timestamp: "2026-01-02 03:04:05", room: "dev"))
    }

    @Test func `coming names the room, going does not`() {
        let joined = MembershipNotice(.joined, room: dev, username: alice, timestamp: time)
        let left = MembershipNotice(.left, room: dev, username: alice, timestamp: time)
        #expect(ClassicEvent(.notice(.membership(joined))) == .system(content: "alice joined the room dev"))
        #expect(ClassicEvent(.notice(.membership(left))) == .system(content: "alice left the room"))
    }

    @Test(arguments: [
        (12, 3, 431, "12 users joined the room dev, 3 left: 431 users are here now"),
        (1, 1, 430, "1 user joined the room dev, 1 left: 430 users are here now"),
        (2, 0, 2, "2 users joined the room dev: 2 users are here now"),
        (0, 1, 1, "1 user left the room dev: 1 user is here now"),
    ])
    func `a crowd is told in one line`(joined: Int, left: Int, members: Int, words: String) {
        let notice = MembersNotice(room: dev, members: members, joined: joined, left: left, timestamp: time)
        #expect(ClassicEvent(.notice(.members(notice))) == .system(content: words))
    }

    @Test func `an original server's notice keeps its words`() {
        #expect(ClassicEvent(entry(.foreignNotice("x y"))) == .system(content: "x y"))
    }

    @Test func `what the dialect has no words for is not told`() throws {
        let typing = TypingNotice(room: dev, username: alice, session: .random(), isTyping: true)
        #expect(ClassicEvent(.notice(.typing(typing))) == nil)
        let gap = Notice.gap(.room(dev), after: SequenceNumber(1), before: SequenceNumber(3))
        #expect(ClassicEvent(.notice(gap)) == nil)
        let copy = Message(id: MessageID("m"), sender: "bob", recipient: "alice", content: "hi", timestamp: time)
        #expect(ClassicEvent(entry(.message(copy), in: .inbox(alice))) == nil)
        #expect(ClassicEvent(entry(.unknown)) == nil)
        #expect(ClassicEvent(entry(.unreadable)) == nil)
    }

    @Test func `lists are one line`() {
        let users = ListPage(elements: ["a", "b"], more: false, total: 2)
        #expect(ClassicEvent.users(users, in: nil) == .system(content: "Active users: a, b"))
        #expect(ClassicEvent.users(users, in: dev) == .system(content: "Users in dev: a, b"))
        let nobody = ListPage<String>(elements: [], more: false, total: 0)
        #expect(ClassicEvent.users(nobody, in: dev) == .system(content: "Users in dev: "))
        let rooms = [RoomSummary(name: "dev", members: 1), RoomSummary(name: "global", members: 2)]
        #expect(
            ClassicEvent.rooms(ListPage(elements: rooms, more: false, total: 2))
                == .system(content: "Available rooms: dev, global"))
        #expect(
            ClassicEvent.rooms(ListPage(elements: [], more: false, total: 0)) == .system(content: "Available rooms: "))
    }

    @Test func `what is too much for one line is counted`() {
        let users = ListPage(elements: ["a", "b"], more: true, total: 100_002)
        #expect(ClassicEvent.users(users, in: nil) == .system(content: "Active users: a, b and 100000 more"))
        #expect(ClassicEvent.users(users, in: dev) == .system(content: "Users in dev: a, b and 100000 more"))
        let rooms = ListPage(elements: [RoomSummary(name: "dev", members: 1)], more: true, total: 2)
        #expect(ClassicEvent.rooms(rooms) == .system(content: "Available rooms: dev and 1 more"))
    }

    @Test func `an error is its sentence, without its cause`() {
        struct Secret: Error {}
        let error = ChatError(.unavailable, "try again later", cause: Secret())
        #expect(ClassicEvent(error) == .system(content: "try again later"))
        #expect(ClassicEvent(.usernameTaken) == .system(content: "username already exists"))
    }

    @Test func `what was not understood is answered in words`() {
        let notObject = ChatError(ClassicDecodingError.notAnObject)
        #expect(notObject.code == .badRequest)
        #expect(notObject.message == "not understood: a message must be a JSON object with text fields")
        let unknown = ChatError(ClassicDecodingError.unknownType("dance"))
        #expect(unknown.code == .unknownType)
        #expect(unknown.message == "unknown message type \"dance\"")
    }

    @Test func `a type that nobody knows is not repeated at full length`() {
        let error = ChatError(ClassicDecodingError.unknownType(String(repeating: "x", count: 10_000)))
        #expect(error.message.count < 100)
    }
}
