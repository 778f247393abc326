import Domain
import Testing

@testable import Service
@testable import SteppedService

struct DetachedSessionsTests {
    private let edge = FakeEdge()
    private let start = ContinuousClock.now

    private func session(_ name: String) throws -> Session {
        Session(
            id: .random(), username: try Username(name), rooms: [.global], connection: edge.connection())
    }

    @Test func `a session is let go at its time and not before, and once`() throws {
        let (alice, bob) = (try session("alice"), try session("bob"))
        var detached = DetachedSessions()
        detached.insert(alice, until: start + .seconds(8))
        detached.insert(bob, until: start + .seconds(9))
        #expect(detached.count == 2)
        #expect(detached.takeExpired(now: start + .milliseconds(7999)).isEmpty)
        #expect(detached.takeExpired(now: start + .seconds(8)).map(\.id) == [alice.id])
        #expect(detached.takeExpired(now: start + .seconds(8)).isEmpty)
        #expect(detached.takeExpired(now: start + .seconds(100)).map(\.id) == [bob.id])
        #expect(detached.count == 0)
    }

    @Test func `who comes back is taken out once`() throws {
        let alice = try session("alice")
        var detached = DetachedSessions()
        #expect(detached.remove(alice.id) == false)
        detached.insert(alice, until: start)
        #expect(detached.remove(alice.id) == true)
        #expect(detached.remove(alice.id) == false)
        #expect(detached.takeExpired(now: start + .seconds(1)).isEmpty)
    }
}
