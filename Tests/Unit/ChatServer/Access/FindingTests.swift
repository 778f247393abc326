import Synchronization
import Testing

@testable import ChatServer

struct FindingTests {
    private static func double(_ number: Int) throws(Refusal) -> Int {
        guard number < 10 else { throw .full }
        return 2 * number
    }

    @Test func `what is known goes on at once`() throws {
        #expect(try Finding.known(4).then(Self.double).decided == 8)
        #expect(throws: Refusal.full) { try Finding.known(10).then(Self.double) }
    }

    @Test func `what has to be asked for goes on when it is known, and not before`() async throws {
        let asked = Mutex(0)
        let finding = try Finding<Int>.asks {
            asked.withLock {
                $0 += 1
                return 4
            }
        }.then(Self.double).then(Self.double)
        guard case .asks(let ask) = finding else {
            Issue.record("nobody is to be asked")
            return
        }
        #expect(asked.withLock { $0 } == 0)
        #expect(try await ask() == 16)
        #expect(asked.withLock { $0 } == 1)
    }

    @Test func `a refusal ends it, whoever refuses`() async throws {
        let refused = try Finding<Int>.asks { () async throws(Refusal) in throw .draining }.then(Self.double)
        let tooMuch = try Finding<Int>.asks { 10 }.then(Self.double)
        for (finding, refusal) in [(refused, Refusal.draining), (tooMuch, .full)] {
            guard case .asks(let ask) = finding else {
                Issue.record("nobody is to be asked")
                return
            }
            await #expect(throws: refusal) { try await ask() }
        }
    }
}
