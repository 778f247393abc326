import Domain
import Testing

struct RoomEventTests {
    @Test func `every event belongs to its room`() throws {
        let dev = try RoomName("dev")
        let time = Timestamp(millisecondsSince1970: 0)
        let message = ChatMessage(
            id: .random(), room: dev, sender: "alice", content: "hi", timestamp: time, sequence: SequenceNumber(1))
        let notice = MembershipNotice(.joined, room: dev, username: try Username("alice"), timestamp: time)
        #expect(RoomEvent.message(message).room == dev)
        #expect(RoomEvent.membership(notice).room == dev)
        #expect(RoomEvent.foreignNotice(room: dev, content: "x").room == dev)
    }

    @Test func `two notices of the same happening have different ids`() throws {
        let alice = try Username("alice")
        let time = Timestamp(millisecondsSince1970: 0)
        let first = MembershipNotice(.left, room: .global, username: alice, timestamp: time)
        let second = MembershipNotice(.left, room: .global, username: alice, timestamp: time)
        #expect(first.id != second.id)
    }
}
