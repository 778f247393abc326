import Domain
import Service
import Testing

@testable import ChatServer
@testable import Wire

struct V2RenderingTests {
    private let alice: Username
    private let dev: RoomName
    private let time = Timestamp(millisecondsSince1970: 1_767_323_045_678)
    private let text = "2026-01-02T03:04:05.678Z"

    init() throws {
        alice = try Username("alice")
        dev = try RoomName("dev")
    }

    private func entry(_ body: Entry.Body, in topic: Topic? = nil) -> Entry {
        Entry(topic: topic ?? .room(dev), sequence: SequenceNumber(4), previous: nil, body: body)
    }

    @Test func `messages keep everything that they are`() {
        let message = Message(id: MessageID("m"), sender: "bob", content: "hi", timestamp: time)
        let shown = V2Message(id: "m", room: "dev", sender: "bob", content: "hi", timestamp: text, sequence: 4)
        #expect(V2Event(entry(.message(message))) == .chatMessage(shown))
        let copy = Message(id: MessageID("m"), sender: "bob", recipient: "alice", content: "hi", timestamp: time)
        #expect(
            V2Event(entry(.message(copy), in: .inbox(alice)))
                == .privateMessage(
                    V2PrivateMessage(id: "m", sender: "bob", to: "alice", content: "hi", timestamp: text, sequence: 4)))
    }

    @Test(arguments: [3, nil])
    func `who comes and goes is told with the room's members, where somebody could count them`(members: Int?) {
        let joined = MembershipNotice(.joined, room: dev, username: alice, members: members, timestamp: time)
        let left = MembershipNotice(.left, room: dev, username: alice, members: members, timestamp: time)
        #expect(
            V2Event(.notice(.membership(joined)))
                == .userJoined(room: "dev", username: "alice", members: members, timestamp: text))
        #expect(
            V2Event(.notice(.membership(left)))
                == .userLeft(room: "dev", username: "alice", members: members, timestamp: text))
    }

    @Test func `a crowd is told in counts`() {
        let notice = MembersNotice(room: dev, members: 431, joined: 12, left: 3, timestamp: time)
        #expect(
            V2Event(.notice(.members(notice)))
                == .roomMembers(room: "dev", members: 431, joined: 12, left: 3, timestamp: text))
    }

    @Test func `typing and gaps are told in rooms, and what has no words is not`() {
        let notice = TypingNotice(room: dev, username: alice, session: .random(), isTyping: true)
        #expect(V2Event(.notice(.typing(notice))) == .typing(room: "dev", username: "alice", isTyping: true))
        let (after, before) = (SequenceNumber(3), SequenceNumber(9))
        #expect(
            V2Event(.notice(.gap(.room(dev), after: after, before: before))) == .gap(room: "dev", after: 3, before: 9))
        #expect(V2Event(.notice(.gap(.inbox(alice), after: after, before: before))) == nil)
        for body in [Entry.Body.foreignNotice("x"), .unknown, .unreadable] { #expect(V2Event(entry(body)) == nil) }
    }

    @Test func `an error has its code and its words, and how long to wait, never too short`() {
        struct Secret: Error {}
        let error = ChatError(.rateLimited, "slow down", retryAfter: .microseconds(1500), cause: Secret())
        #expect(
            V2Event(error) == .error(code: "rate_limited", content: "slow down", retryAfterMilliseconds: 2))
        #expect(
            V2Event(.usernameTaken)
                == .error(code: "username_taken", content: "username already exists", retryAfterMilliseconds: nil))
    }

    @Test func `a private message's acknowledgement names no room, and a duplicate says so`() throws {
        let copy = Draft(
            id: MessageID("m"), in: alice, from: alice, to: try Username("bob"), content: "x", timestamp: time)
        let stored = Stored(sequence: SequenceNumber(4), timestamp: nil, isDuplicate: true)
        #expect(V2Ack(copy, stored) == V2Ack(id: "m", room: nil, sequence: 4, timestamp: nil, isDuplicate: true))
        let draft = Draft(id: MessageID("m"), room: dev, sender: alice, content: "x", timestamp: time)
        let first = Stored(sequence: SequenceNumber(4), timestamp: time, isDuplicate: false)
        #expect(V2Ack(draft, first) == V2Ack(id: "m", room: "dev", sequence: 4, timestamp: text, isDuplicate: false))
    }

    @Test(
        arguments: [
            (.notAnObject, .badRequest, "not understood: a message must be a JSON object"),
            (.unknownType("dance"), .unknownType, "unknown message type \"dance\""),
            (.badField("room is missing"), .badRequest, "room is missing"),
        ] as [(V2DecodingError.Reason, ChatError.Code, String)])
    func `what was not understood is answered with a code and words`(
        reason: V2DecodingError.Reason, code: ChatError.Code, words: String
    ) {
        let error = ChatError(V2DecodingError(reason: reason, ref: nil))
        #expect(error.code == code && error.message == words)
    }

    @Test func `a type that nobody knows is not repeated at full length`() {
        let reason = V2DecodingError.Reason.unknownType(String(repeating: "x", count: 10_000))
        #expect(ChatError(V2DecodingError(reason: reason, ref: nil)).message.count < 100)
    }
}
