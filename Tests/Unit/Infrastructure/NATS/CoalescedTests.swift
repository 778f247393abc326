import Synchronization
import Testing

@testable import InfrastructureNATS

struct CoalescedTests {
    private struct Refused: Error {}

    private final class Runs: Sendable {
        private let runs = Atomic<Int>(0)
        var count: Int { runs.load(ordering: .sequentiallyConsistent) }
        func begin() -> Int { runs.add(1, ordering: .sequentiallyConsistent).newValue }
    }

    @Test func `who comes while it runs shares the next run, and every answer is newer than its question`() async throws
    {
        let work = Coalesced<Int>()
        let runs = Runs()
        let answers = try await withThrowingTaskGroup { group in
            for _ in 0..<200 {
                group.addTask {
                    let before = runs.count
                    let answer = try await work.run {
                        let number = runs.begin()
                        await Task.yield()
                        return number
                    }
                    return (before, answer)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { before, answer in answer > before })
        #expect(Set(answers.map(\.1)) == Set(1...runs.count))
    }

    @Test func `a failure is everyone's who waited for that run, and the next run is another try`() async throws {
        let work = Coalesced<Int>()
        for _ in 0..<3 {
            await #expect(throws: Refused.self) { try await work.run { throw Refused() } }
        }
        #expect(try await work.run { 7 } == 7)
    }
}

struct ReadSlotsTests {
    private final class Room: Sendable {
        private let inside = Mutex((now: 0, most: 0))
        var now: Int { inside.withLock { $0.now } }
        var most: Int { inside.withLock { $0.most } }
        func enter() { inside.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }
        func leave() { inside.withLock { $0.now -= 1 } }
    }

    @Test func `no more are in at once than allowed, and everyone gets in`() async throws {
        let slots = ReadSlots(3, patience: .seconds(60))
        let room = Room()
        try await withThrowingTaskGroup { group in
            for _ in 0..<100 {
                group.addTask {
                    try await slots.withSlot {
                        room.enter()
                        for _ in 0..<5 { await Task.yield() }
                        room.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(room.now == 0)
        #expect((1...3).contains(room.most))
    }

    @Test func `who got a slot too late is refused, and gives it to the next`() async throws {
        let slots = ReadSlots(1, patience: .zero - .seconds(1))
        for _ in 0..<3 { await #expect(throws: ReadSlots.Refused.self) { try await slots.withSlot {} } }
    }

    @Test func `a slot is free again after a failure`() async throws {
        let slots = ReadSlots(1, patience: .seconds(60))
        await #expect(throws: CancellationError.self) { try await slots.withSlot { throw CancellationError() } }
        #expect(try await slots.withSlot { 7 } == 7)
    }
}
