import Domain
import Testing

struct MembershipNoticeTests {
    @Test func `two notices of the same happening have different ids`() throws {
        let alice = try Username("alice")
        let time = Timestamp(millisecondsSince1970: 0)
        let first = MembershipNotice(.left, room: .global, username: alice, timestamp: time)
        let second = MembershipNotice(.left, room: .global, username: alice, timestamp: time)
        #expect(first.id != second.id)
    }
}
