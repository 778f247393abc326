import Testing

@testable import InfrastructureNATS
@testable import TestSupport

struct PendingRequestsTests {
    private let start = ContinuousClock.now
    private var pending = PendingRequests<String>(maximumCount: 3, maximumBytes: 100)

    @Test mutating func `no more entries than allowed wait, and a settled one makes room`() {
        let tokens = ["a", "b", "c"].compactMap { pending.add($0, bytes: 1, deadline: start) }
        #expect(tokens.count == 3)
        #expect(pending.add("d", bytes: 1, deadline: start) == nil)
        #expect(pending.count == 3)
        #expect(pending.settle(tokens[1]) == "b")
        #expect(pending.add("d", bytes: 1, deadline: start) != nil)
    }

    @Test mutating func `no more bytes than allowed wait, and those of a settled entry are free again`() {
        let first = pending.add("a", bytes: 60, deadline: start) ?? 0
        #expect(pending.add("b", bytes: 41, deadline: start) == nil)
        #expect(pending.add("c", bytes: 40, deadline: start) != nil)
        #expect(pending.add("d", bytes: 1, deadline: start) == nil)
        #expect(pending.settle(first) == "a")
        #expect(pending.add("e", bytes: 60, deadline: start) != nil)
    }

    @Test mutating func `an entry is settled once`() {
        let token = pending.add("a", bytes: 1, deadline: start) ?? 0
        #expect(pending.settle(token) == "a")
        #expect(pending.settle(token) == nil)
        #expect(pending.settle(token + 1) == nil)
        #expect(pending.expire(now: start) == [])
        #expect(pending.count == 0)
    }

    @Test mutating func `what has waited too long is handed out oldest first, and nothing else`() {
        _ = pending.add("a", bytes: 1, deadline: start + .seconds(1))
        let b = pending.add("b", bytes: 1, deadline: start + .seconds(2)) ?? 0
        _ = pending.add("c", bytes: 1, deadline: start + .seconds(3))
        #expect(pending.expire(now: start + .milliseconds(999)) == [])
        #expect(pending.expire(now: start + .seconds(2)) == ["a", "b"])
        #expect(pending.settle(b) == nil)
        #expect(pending.expire(now: start + .seconds(2)) == [])
        #expect(pending.expire(now: start + .seconds(9)) == ["c"])
        #expect(pending.count == 0)
    }

    @Test mutating func `an entry settled behind an open one does not expire`() {
        _ = pending.add("a", bytes: 1, deadline: start + .seconds(1))
        let b = pending.add("b", bytes: 1, deadline: start + .seconds(1)) ?? 0
        #expect(pending.settle(b) == "b")
        #expect(pending.expire(now: start + .seconds(5)) == ["a"])
    }

    @Test mutating func `what so many later ones were answered before is lost`() {
        let lost = pending.add("lost", bytes: 1, deadline: start + .seconds(9)) ?? 0
        for _ in 0..<11 {
            #expect(pending.settle(pending.add("a", bytes: 1, deadline: start + .seconds(9)) ?? 0) == "a")
        }
        #expect(pending.expire(now: start) == [])
        #expect(pending.settle(pending.add("a", bytes: 1, deadline: start + .seconds(9)) ?? 0) == "a")
        #expect(pending.expire(now: start) == ["lost"])
        #expect(pending.settle(lost) == nil)
        #expect(pending.count == 0)
    }

    @Test mutating func `a token that was never given settles nothing`() {
        _ = pending.settle(pending.add("a", bytes: 1, deadline: start) ?? 0)
        _ = pending.add("b", bytes: 1, deadline: start)
        for token in [0, 1, 3, UInt64(Int.max), UInt64(Int.max) + 1, .max] { #expect(pending.settle(token) == nil) }
        #expect(pending.count == 1)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `each token settles its own entry, in whatever order answers and deadlines come`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var pending = PendingRequests<Int>(maximumCount: 40, maximumBytes: 1000)
        var waiting: [UInt64: Int] = [:]
        for step in 0..<2000 {
            let now = start + .milliseconds(step)
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                let expired = pending.expire(now: now)
                #expect(expired == expired.sorted())
                waiting = waiting.filter { !expired.contains($0.value) }
            case 1 where step.isMultiple(of: 50):
                #expect(Set(pending.removeAll()) == Set(waiting.values))
                waiting = [:]
            case 2...10:
                guard let token = pending.add(step, bytes: 1, deadline: now + .milliseconds(100)) else {
                    #expect(waiting.count == 40)
                    continue
                }
                #expect(waiting.updateValue(step, forKey: token) == nil)
            default:
                guard let token = waiting.keys.sorted().randomElement(using: &random) else { continue }
                #expect(pending.settle(token) == waiting.removeValue(forKey: token))
            }
            #expect(pending.count == waiting.count)
        }
    }

    @Test mutating func `expired entries free their bytes`() {
        _ = pending.add("a", bytes: 100, deadline: start)
        #expect(pending.expire(now: start) == ["a"])
        #expect(pending.add("b", bytes: 100, deadline: start) != nil)
    }

    @Test mutating func `everything is taken out oldest first, and then there is room`() {
        let a = pending.add("a", bytes: 50, deadline: start) ?? 0
        _ = pending.add("b", bytes: 25, deadline: start)
        _ = pending.add("c", bytes: 25, deadline: start)
        #expect(pending.settle(a) == "a")
        #expect(pending.removeAll() == ["b", "c"])
        #expect(pending.count == 0)
        #expect(pending.removeAll() == [])
        #expect(pending.expire(now: start + .seconds(9)) == [])
        #expect(pending.add("d", bytes: 100, deadline: start) != nil)
    }

    @Test mutating func `no token is used again`() {
        var tokens: Set<UInt64> = []
        for _ in 0..<100 {
            guard let token = pending.add("a", bytes: 1, deadline: start) else { continue }
            #expect(tokens.insert(token).inserted)
            if token.isMultiple(of: 2) { _ = pending.removeAll() } else { _ = pending.settle(token) }
        }
        #expect(tokens.count == 100)
    }
}
