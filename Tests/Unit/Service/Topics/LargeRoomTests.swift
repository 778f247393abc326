import Domain
import Synchronization
import Testing

@testable import Service
@testable import SteppedService
@testable import TestSupport

/// Rooms in which those who come and go are told as counts.
struct LargeRoomTests {
    private let chat = ChatFixture(mergeNoticesAbove: 2)

    @Test func `above the limit all are told in one line, and the one who comes is told by name`() async throws {
        let (_, alice) = try await chat.connect("alice")
        let (_, bob) = try await chat.connect("bob")
        let (carol, screen) = try await chat.connect("carol")
        let (dave, _) = try await chat.connect("dave")
        #expect(alice.shown() == ["+alice@global", "+bob@global"])
        #expect(bob.shown() == ["+bob@global"])
        #expect(screen.shown() == ["+carol@global"])
        await chat.disconnect(dave)
        try await chat.ports.settle()
        chat.service.topics.notices.showMerged()
        for connection in [alice, bob, screen] { #expect(connection.shown() == ["+2 -1 =3@global"]) }
        chat.service.topics.notices.showMerged()
        #expect(alice.shown() == [])
        await chat.disconnect(carol)
        try await chat.ports.settle()
        #expect(alice.shown() == ["-carol@global"])
        #expect(chat.count("chat_notices_merged_total") == 3)
    }

    @Test func `a notice that comes twice counts once`() async throws {
        let (_, alice) = try await chat.connect("alice")
        _ = alice.shown()
        let notice = MembershipNotice(
            .joined, room: .global, username: try Username("bob"), members: 7,
            timestamp: Timestamp(millisecondsSince1970: 0))
        for _ in 0..<2 { chat.ports.tell(.announcement(.membership(notice))) }
        chat.service.topics.notices.showMerged()
        #expect(alice.shown() == ["+1 -0 =7@global"])
    }

    @Test func `what waits for a room's last reader goes with it`() async throws {
        let (alice, _) = try await chat.connect("alice")
        let notice = MembershipNotice(
            .joined, room: .global, username: try Username("bob"), members: 7,
            timestamp: Timestamp(millisecondsSince1970: 0))
        chat.ports.tell(.announcement(.membership(notice)))
        #expect(chat.service.topics.notices.crowds == 1)
        await chat.disconnect(alice)
        chat.service.topics.notices.showMerged()
        #expect(chat.service.topics.notices.crowds == 0)
        // Nobody here follows the room: nothing of it is gathered.
        let other = MembershipNotice(
            .joined, room: .global, username: try Username("carol"), members: 8,
            timestamp: Timestamp(millisecondsSince1970: 0))
        chat.ports.tell(.announcement(.membership(other)))
        #expect(chat.service.topics.notices.crowds == 0)
    }

    @Test func `who has missed notices can ask how many there are, in a room of their own`() async throws {
        let (alice, _) = try await chat.connect("alice")
        _ = try await chat.connect("bob")
        let dev = try RoomName("dev")
        _ = try await chat.connect("carol", to: dev)
        let notice = try #require(try await chat.service.members(of: .global, for: alice))
        #expect(notice.members == 2 && notice.joined == 0 && notice.left == 0)
        #expect(try await chat.service.members(of: dev, for: alice) == nil)
        #expect(try await chat.service.users(in: .global).elements == ["alice", "bob"])
        chat.ports.takeDown(.lists)
        let code = await ChatError.code { try await chat.service.members(of: .global, for: alice) as Any }
        #expect(code == .unavailable)
    }

    @Test func `who follows is told without being asked`() async throws {
        let (_, alice) = try await chat.connect("alice")
        _ = alice.shown()
        let following = Task { await chat.service.run() }
        let notice = MembershipNotice(
            .left, room: .global, username: try Username("bob"), members: 7,
            timestamp: Timestamp(millisecondsSince1970: 0))
        chat.ports.tell(.announcement(.membership(notice)))
        var shown: [String] = []
        try await eventually("the counts to be shown") {
            shown += alice.shown()
            return !shown.isEmpty
        }
        following.cancel()
        await following.value
        #expect(shown == ["+0 -1 =7@global"])
    }
}
