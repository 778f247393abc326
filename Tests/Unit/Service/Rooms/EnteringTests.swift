import Domain
import Synchronization
import Testing

@testable import Service
@testable import SteppedService

/// How a reader without history comes into a room.
struct EnteringTests {
    private let chat = ChatFixture()

    @Test func `it is live in the room before anybody is told that it came, and out of the old one`() async throws {
        let dev = try RoomName("dev")
        let (session, _) = try await chat.connect("alice")
        let (_, bob) = try await chat.connect("bob", to: dev)
        let (_, carol) = try await chat.connect("carol")
        for connection in [bob, carol] { _ = connection.shown() }
        // Then notices are told before the call that causes them returns.
        chat.ports.takeDown(.announce)
        let moves = Mutex<[Move]>([])
        try await chat.service.enter(dev, session, stay: false) { move in
            #expect(bob.shown() == [] && carol.shown() == [])
            moves.withLock { $0.append(move) }
        }
        #expect(bob.shown() == ["+alice@dev"] && carol.shown() == ["-alice@global"])
        let move = try #require(moves.withLock { $0.first })
        #expect(move.left == [.global] && move.arrival?.room == dev && move.arrival?.members == 2)
        #expect(moves.withLock { $0.count } == 1)
    }

    @Test func `one that is there already arrives nowhere, and nobody is told`() async throws {
        let (session, _) = try await chat.connect("alice")
        let (_, bob) = try await chat.connect("bob")
        _ = bob.shown()
        let arrivals = Mutex<[MembershipNotice?]>([])
        let outcome = try await chat.service.enter(.global, session, stay: false) { move in
            arrivals.withLock { $0.append(move.arrival) }
        }
        try await chat.ports.settle()
        #expect(outcome.members == 2 && outcome.left == [])
        #expect(arrivals.withLock { $0 } == [nil])
        #expect(bob.shown() == [])
    }
}
