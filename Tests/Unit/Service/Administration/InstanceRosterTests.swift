import Testing

@testable import Service

struct InstanceRosterTests {
    private let start = ContinuousClock.now

    @Test func `who has said nothing for a while is not expected to answer`() {
        var roster = InstanceRoster()
        roster.note("a", at: start)
        roster.note("b", at: start + .seconds(1))
        #expect(roster.living(at: start + InstanceRoster.lifetime) == ["a", "b"])
        #expect(roster.living(at: start + InstanceRoster.lifetime + .seconds(1)) == ["b"])
        roster.note("a", at: start + .seconds(60))
        #expect(roster.living(at: start + .seconds(60)) == ["a"])
    }

    @Test func `it is bounded, and those that are gone make room`() {
        var roster = InstanceRoster()
        for number in 0...InstanceRoster.maximumCount { roster.note("\(number)", at: start) }
        #expect(roster.living(at: start).count == InstanceRoster.maximumCount)
        let later = start + .seconds(60)
        roster.note("late", at: later)
        #expect(roster.living(at: later) == ["late"])
    }
}
