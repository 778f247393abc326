import Domain
import Testing

@testable import Service
@testable import SteppedService

/// In how many rooms a session may be.
struct RoomLimitTests {
    private let chat = SteppedChat(roomsPerSession: 3)
    private let rooms: [RoomName]

    init() throws { rooms = try (0..<5).map { try RoomName("room\($0)") } }

    @Test func `one room more than the limit is refused, and those that one is in can be entered again`() async throws {
        let alice = try chat.open("alice")
        for room in rooms[..<2] { try await chat.service.enter(room, alice.session, stay: true) }
        let refusal = await #expect(throws: ChatError.self) {
            try await chat.service.enter(rooms[2], alice.session, stay: true)
        }
        #expect(refusal?.code == .tooManyRooms)
        #expect(refusal?.message == "you may be in 3 rooms at a time; leave one first")
        #expect(alice.session.rooms == [.global] + rooms[..<2])
        #expect(try await chat.service.users(in: rooms[2]).elements == [])
        try await chat.service.enter(.global, alice.session, stay: true)
        // Room is made by leaving one, or by leaving all.
        _ = try await chat.service.leave(rooms[0], alice.session)
        try await chat.service.enter(rooms[2], alice.session, stay: true)
        try await chat.service.enter(rooms[4], alice.session, stay: false)
        #expect(alice.session.rooms == [rooms[4]])
    }

    @Test func `with a limit of one every room is left for the next`() async throws {
        let chat = SteppedChat(roomsPerSession: 1)
        let alice = try chat.open("alice")
        #expect(
            await ChatError.code { try await chat.service.enter(rooms[0], alice.session, stay: true) } == .tooManyRooms)
        try await chat.service.enter(rooms[0], alice.session, stay: false)
        #expect(alice.session.rooms == [rooms[0]])
    }
}
