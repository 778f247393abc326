import Testing

@testable import ChatServer

struct CommandLaneTests {
    @Test func `as long as nothing takes its time, every command runs at once`() {
        var lane = CommandLane<Int>(isBusy: false)
        #expect(lane.submit(1) == 1)
        #expect(lane.submit(2) == 2)
        #expect(!lane.isBlocked)
        #expect(lane.next() == nil)
    }

    @Test func `what comes while the lane is busy waits its turn`() {
        var lane = CommandLane<Int>(isBusy: true)
        #expect(lane.submit(1) == nil)
        #expect(lane.submit(2) == nil)
        #expect(lane.isBlocked)
        #expect(lane.next() == nil)
        lane.unblock()
        #expect(lane.next() == 1)
        // Something waits still, so it does not overtake that.
        #expect(lane.submit(3) == nil)
        #expect(lane.next() == 2)
        #expect(lane.next() == 3)
        #expect(lane.next() == nil)
        #expect(!lane.isBlocked)
        #expect(lane.submit(4) == 4)
    }

    @Test func `a command that takes its time holds back the rest`() {
        var lane = CommandLane<Int>(isBusy: true)
        for number in 1...3 { #expect(lane.submit(number) == nil) }
        lane.unblock()
        #expect(lane.next() == 1)
        lane.block()
        #expect(lane.next() == nil)
        lane.unblock()
        #expect(lane.next() == 2)
        #expect(lane.next() == 3)
    }

    @Test func `a busy lane with nothing behind it is not blocked, so more is read`() {
        var lane = CommandLane<Int>(isBusy: false)
        #expect(lane.submit(1) == 1)
        lane.block()
        #expect(!lane.isBlocked)
        #expect(lane.submit(2) == nil)
        #expect(lane.isBlocked)
    }

    @Test func `a lane is idle when nothing runs and nothing waits`() {
        var lane = CommandLane<Int>(isBusy: true)
        #expect(!lane.isIdle)
        lane.unblock()
        #expect(lane.isIdle)
        lane.block()
        #expect(lane.submit(1) == nil)
        lane.unblock()
        #expect(!lane.isIdle)
        #expect(lane.next() == 1)
        #expect(lane.isIdle)
    }

    @Test func `what is taken out of the lane is not done, and the rest keeps its order`() {
        var lane = CommandLane<Int>(isBusy: true)
        for number in 1...6 { #expect(lane.submit(number) == nil) }
        #expect(lane.remove { $0.isMultiple(of: 2) } == [2, 4, 6])
        #expect(lane.remove { $0 > 6 } == [])
        lane.unblock()
        #expect([lane.next(), lane.next(), lane.next(), lane.next()] == [1, 3, 5, nil])
    }

    @Test func `a lane that is cleared has forgotten what waits and what runs`() {
        var lane = CommandLane<Int>(isBusy: true)
        #expect(lane.submit(1) == nil)
        lane.clear()
        #expect(lane.isIdle && !lane.isBlocked)
        #expect(lane.submit(2) == 2)
    }
}
