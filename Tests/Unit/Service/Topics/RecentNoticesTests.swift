import Domain
import Testing

@testable import Service

struct RecentNoticesTests {
    @Test func `a notice is new once`() {
        var notices = RecentNotices()
        #expect(notices.insert("a") == true)
        #expect(notices.insert("a") == false)
        #expect(notices.insert("b") == true)
        #expect(notices.insert("a") == false)
    }

    @Test func `the oldest are forgotten first, and only when there is no room`() {
        var notices = RecentNotices(capacity: 3)
        for id in ["a", "b", "c"] { #expect(notices.insert(id) == true) }
        for id in ["a", "b", "c"] { #expect(notices.insert(id) == false) }
        #expect(notices.insert("d") == true)
        for id in ["b", "c", "d"] { #expect(notices.insert(id) == false) }
        #expect(notices.insert("a") == true)
        for id in ["c", "d", "a"] { #expect(notices.insert(id) == false) }
        #expect(notices.insert("b") == true)
    }

    @Test func `round after round exactly the latest are known`() {
        var notices = RecentNotices(capacity: 10)
        for number in 0..<1000 {
            #expect(notices.insert("\(number)") == true)
            for recent in max(0, number - 9)...number { #expect(notices.insert("\(recent)") == false) }
        }
    }

    private func notice(
        _ change: MembershipNotice.Change, _ user: String = "alice", by session: SessionID? = .random(),
        members: Int? = nil
    ) throws -> MembershipNotice {
        MembershipNotice(
            change, room: .global, username: try Username(user), session: session, members: members,
            timestamp: Timestamp(millisecondsSince1970: 0))
    }

    @Test func `a departure of which both tell, its own instance and the survivors, is told once`() throws {
        let own = { try self.notice(.left) }
        let survivors = { try self.notice(.left, by: nil, members: 3) }
        for (first, second) in [(own, survivors), (survivors, own)] {
            var notices = RecentNotices()
            let (told, again, other) = (try first(), try second(), try notice(.left, "bob", by: nil, members: 2))
            #expect(notices.insert(told) == true)
            #expect(notices.insert(other) == true)
            #expect(notices.insert(again) == false)
            // Once: the next one is another departure.
            let later = try second()
            #expect(notices.insert(later) == true)
        }
    }

    @Test func `who has come back since can leave again, and a counted departure is told by nobody else`() throws {
        var notices = RecentNotices()
        let history = [
            try notice(.left), try notice(.joined), try notice(.left, by: nil, members: 3), try notice(.joined),
            try notice(.left, members: 2), try notice(.left, by: nil, members: 2),
        ]
        for notice in history { #expect(notices.insert(notice) == true) }
    }
}
