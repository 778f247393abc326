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
}
