import Domain
import Testing

struct RoomEventTests {
    @Test func `every event belongs to its topic`() throws {
        let dev = try RoomName("dev")
        let time = Timestamp(millisecondsSince1970: 0)
        let message = ChatMessage(
            id: .random(), room: dev, sender: "alice", content: "hi", timestamp: time, sequence: SequenceNumber(1))
        let notice = MembershipNotice(.joined, room: dev, username: try Username("alice"), timestamp: time)
        #expect(RoomEvent.message(message).topic == .room(dev))
        #expect(RoomEvent.membership(notice).topic == .room(dev))
        #expect(RoomEvent.foreignNotice(room: dev, content: "x").topic == .room(dev))
        let typing = TypingNotice(room: dev, username: try Username("alice"), session: .random(), isTyping: true)
        #expect(RoomEvent.typing(typing).topic == .room(dev))
        let bob = try Username("bob")
        let copy = PrivateMessage(
            id: .random(), owner: bob, sender: "alice", recipient: "bob", content: "hi", timestamp: time,
            sequence: SequenceNumber(1))
        #expect(RoomEvent.privateMessage(copy).topic == .inbox(bob))
        let gap = RoomEvent.gap(.inbox(bob), after: .zero, before: SequenceNumber(2))
        #expect(gap.topic == .inbox(bob))
    }

    @Test func `two notices of the same happening have different ids`() throws {
        let alice = try Username("alice")
        let time = Timestamp(millisecondsSince1970: 0)
        let first = MembershipNotice(.left, room: .global, username: alice, timestamp: time)
        let second = MembershipNotice(.left, room: .global, username: alice, timestamp: time)
        #expect(first.id != second.id)
    }
}
