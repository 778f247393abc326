import Domain
import InfrastructurePresence
import Service
import Testing

@testable import InfrastructureRedis

struct PresenceRecordTests {
    private func room(_ name: String) throws -> RoomName { try RoomName(name) }

    @Test func `a record's text has the session, all that a successor needs, and the rooms in their order`() throws {
        let alice = try Username("alice")
        let classic = PresenceRecord(username: alice, rooms: [.global])
        #expect(classic.text(of: SessionID("s1")) == "s1;;;0; global")
        let other = PresenceRecord(
            username: alice, digest: "da39", inboxStart: "17", generation: 2, rooms: [try room("b"), try room("a")])
        #expect(other.text(of: SessionID("s2")) == "s2;da39;17;2; b a")
        #expect(PresenceRecord(username: alice, rooms: []).text(of: SessionID("s3")) == "s3;;;0;")
    }

    @Test func `a session's key is its name, or, where it shares that, the name and what its successor has as well`()
        throws
    {
        let alice = try Username("alice")
        let session = SessionID("s1")
        #expect(PresenceRecord(username: alice, digest: "da39", rooms: []).key(of: session) == "alice")
        #expect(
            PresenceRecord(username: alice, digest: "da39", isShared: true, rooms: []).key(of: session) == "alice da39")
        #expect(PresenceRecord(username: alice, isShared: true, rooms: []).key(of: session) == "alice s1")
    }

    @Test func `rooms are kept in the order of entering, the current one last`() throws {
        var record = PresenceRecord(username: try Username("alice"), rooms: [.global])
        record.move(leaving: [], entering: try room("b"))
        record.move(leaving: [], entering: try room("a"))
        record.move(leaving: [], entering: .global)
        #expect(record.rooms.map(\.text) == ["b", "a", "global"])
        record.move(leaving: [.global, try room("b")], entering: .global)
        #expect(record.rooms.map(\.text) == ["a", "global"])
        record.move(leaving: [.global, try room("a"), try room("nowhere")], entering: nil)
        #expect(record.rooms == [])
    }

    @Test func `a granted claim is read with its predecessor, its secret and its rooms`() throws {
        let (own, presented) = (SessionSecret.random(), SessionSecret.random())
        let claim = Claim(
            username: try Username("alice"), session: .random(), room: .global, secret: own, presented: presented)
        let free = try ClaimReply([
            .string("OK"), .array([]), .string(""), .string("da39"), .string(""), .integer(0),
            .array([.string("global"), .integer(3)]), .array([.string("global"), .string("")]),
        ])
        #expect(
            free.claimed(claim)
                == Claimed(
                    predecessor: nil, secret: own, rooms: [(.global, 3)], inboxStart: nil,
                    news: [.global: PresenceNews()]))
        let succeeded = try ClaimReply([
            .string("OK"), .array([.string("id"), .string("payload")]), .string("s1"), .string("da39"),
            .string("18446744073709551615"), .integer(4),
            .array([.string("b"), .integer(1), .string("no room"), .integer(9), .string("a"), .integer(2)]), .array([]),
        ])
        #expect(succeeded.notices == ["id", "payload"])
        #expect(
            succeeded.claimed(claim)
                == Claimed(
                    predecessor: SessionID("s1"), secret: presented, rooms: [(try room("b"), 1), (try room("a"), 2)],
                    inboxStart: SequenceNumber(.max)))
        #expect(
            succeeded.record(for: claim)
                == PresenceRecord(
                    username: claim.username, digest: "da39", inboxStart: "18446744073709551615", generation: 4,
                    rooms: [try room("b"), try room("a")]))
    }

    @Test(
        arguments: [
            [.string("OK"), .array([])],
            [
                .string("OK"), .array([]), .string(""), .string(""), .string(""), .string("many"), .array([]),
                .array([]),
            ],
            [.string("OK"), .array([]), .null, .string(""), .string(""), .integer(0), .array([]), .array([])],
            [.string("OK"), .null, .string(""), .string(""), .string(""), .integer(0), .array([]), .array([])],
        ] as [[RedisReply]])
    func `any other answer to a claim is an error`(_ reply: [RedisReply]) {
        #expect(throws: RedisError.self) { try ClaimReply(reply) }
    }

    @Test func `a queued notice is read with and without its members`() throws {
        let now = try #require(MembershipNotice(id: "id", queued: "left 1000 alice dev 7"))
        #expect(
            now
                == MembershipNotice(
                    id: "id", .left, room: try room("dev"), username: try Username("alice"), members: 7,
                    timestamp: Timestamp(millisecondsSince1970: 1000)))
        let earlier = try #require(MembershipNotice(id: "id", queued: "left 1000 alice dev"))
        #expect(earlier.members == nil)
        #expect(MembershipNotice(id: "id", queued: "joined 5 alice dev 1")?.change == .joined)
        // Names that begin with what would be one `Character` with the space before it.
        let marked = try #require(MembershipNotice(id: "id", queued: "left 5 \u{301}al \u{301}dev 2"))
        #expect(marked.username.text == "\u{301}al" && marked.room.text == "\u{301}dev" && marked.members == 2)
        #expect(earlier.room == now.room && earlier.username == now.username && earlier.timestamp == now.timestamp)
    }

    @Test(arguments: [
        "", "left", "left 5 ghost", "left x ghost global 1", "left 5 two words global", "left 5 ghost global -1",
        "left 5 ghost global 1 2", "moved 5 ghost global 1", "left 5 ghost global ",
    ])
    func `what is no notice is not read as one`(_ text: String) {
        #expect(MembershipNotice(id: "id", queued: text) == nil)
    }
}
