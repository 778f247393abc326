import Domain
import Synchronization
import Testing

@testable import Service
@testable import SteppedService

/// How a reader of the log leaves a room.
final class LeavingTests: Sendable {
    private let chat = ChatFixture()
    private let stops = Mutex<[String]>([])

    /// Notes whether the session follows the room at that moment.
    private func stop(_ room: RoomName) {
        let isFollowed = chat.ports.followed.contains(.room(room))
        stops.withLock { $0.append("\(room) \(isFollowed ? "followed" : "not followed")") }
    }

    private func takeStops() -> Set<String> {
        stops.withLock { stops in
            defer { stops = [] }
            return Set(stops)
        }
    }

    @Test func `it stops to read before its session follows the room no more`() async throws {
        let (dev, ops) = (try RoomName("dev"), try RoomName("ops"))
        let session = try await chat.service.open(
            try Username("alice"), entering: dev, presenting: nil, through: chat.edge.connection())
        for room in [.global, dev] {
            try await chat.service.enter(room, session, stay: true, stopReading: stop)
        }
        #expect(takeStops() == [])
        try await chat.service.enter(ops, session, stay: false, stopReading: stop)
        #expect(takeStops() == ["dev followed", "global followed"])
        #expect(chat.ports.followed == [.room(ops)])
        _ = try await chat.service.leave(ops, session, stopReading: stop)
        #expect(takeStops() == ["ops followed"])
        #expect(chat.ports.followed == [.room(.global)])
    }

    @Test func `where it is put into global again it stops to read that, too`() async throws {
        let session = try await chat.service.open(
            try Username("alice"), entering: .global, presenting: nil, through: chat.edge.connection())
        _ = try await chat.service.leave(.global, session, stopReading: stop)
        #expect(takeStops() == ["global followed"])
        #expect(chat.ports.followed == [.room(.global)])
    }
}
