import Testing

@testable import InfrastructureNATS

struct StorageHealthTests {
    private let start = ContinuousClock.now
    private var health = StorageHealth()

    private func after(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test mutating func `an operator is told of the first refusal, and then once a minute`() {
        var told: [Int] = []
        for second in 0..<150 {
            if let count = health.refused("full", isAnswered: true, bytes: 1, now: after(Double(second))) {
                told.append(count)
            }
        }
        #expect(told == [1, 61, 121])
        #expect(health.stored() == true)
        #expect(health.stored() == false)
    }

    @Test mutating func `a store that takes some and refuses others is told of once a minute, end and all`() {
        var lines = 0
        for second in 0..<120 {
            if health.refused("full", isAnswered: true, bytes: 1, now: after(Double(second))) != nil { lines += 1 }
            if health.stored() { lines += 1 }
        }
        #expect(lines == 4)
    }

    @Test mutating func `nothing counts as stored once nothing was for a second, until something is`() {
        #expect(health.obstacle(now: after(9)) == nil)
        _ = health.refused("full", isAnswered: true, bytes: 1, now: after(10))
        #expect(health.obstacle(now: after(10.5)) == nil)
        _ = health.refused("sealed", isAnswered: true, bytes: 1, now: after(10.9))
        #expect(health.obstacle(now: after(11)) == "sealed")
        #expect(health.obstacle(now: after(1000)) == "sealed")
        _ = health.stored()
        #expect(health.obstacle(now: after(1000)) == nil)
        _ = health.refused("full", isAnswered: true, bytes: 1, now: after(1001))
        #expect(health.obstacle(now: after(1001.5)) == nil)
    }

    @Test mutating func `a store whose figures explain the refusals takes messages again when they allow it`() {
        _ = health.refused("full", isAnswered: true, bytes: 700, now: start)
        #expect(health.refusedBytes == 700)
        #expect(health.judge(.noRoom, now: after(1)) == false)
        #expect(health.judge(.silence, now: after(2)) == false)
        #expect(health.judge(.noRoom, now: after(99)) == false)
        #expect(health.judge(.room, now: after(100)) == true)
    }

    @Test mutating func `where the figures explain nothing the next try is worth it after half a minute of rest`() {
        _ = health.refused("insufficient resources", isAnswered: true, bytes: 1, now: start)
        #expect(health.judge(.room, now: after(20)) == false)
        _ = health.refused("insufficient resources", isAnswered: true, bytes: 1, now: after(20))
        #expect(health.judge(.room, now: after(49)) == false)
        #expect(health.judge(.room, now: after(50)) == true)
    }

    @Test mutating func `a store that has said nothing takes messages again when it answers`() {
        _ = health.refused("no answer in time", isAnswered: false, bytes: 1, now: start)
        #expect(health.judge(.silence, now: after(100)) == false)
        #expect(health.judge(.room, now: after(101)) == true)
    }

    @Test mutating func `where nothing was refused there is nothing to judge`() {
        #expect(health.judge(.room, now: start) == false)
        #expect(!health.isRefusing)
    }
}
