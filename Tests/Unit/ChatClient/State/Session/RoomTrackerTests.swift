import Testing

@testable import ChatClient

@Suite struct RoomTrackerTests {
    @Test func `A name is one's own however it is composed`() {
        var tracker = RoomTracker(username: "Zoe\u{308}", room: nil)
        let isOwn = tracker.hear("Zo\u{EB} joined the room dev")
        #expect(isOwn)
        #expect(tracker.current == "dev")
    }

    @Test func `Of several rooms the one entered last takes the place of the one that is left`() {
        var rooms = RoomTracker(username: "al", room: "one")
        let left = ["two", "three"].flatMap { rooms.enter($0, staying: true) }
        #expect(left.isEmpty)
        #expect(rooms.kept == ["one", "two"])
        var wasLeft = rooms.leave("three")
        #expect(wasLeft && rooms.confirmed == "two")
        wasLeft = rooms.leave("one")
        #expect(wasLeft)
        wasLeft = rooms.leave("two")
        #expect(!wasLeft, "it is the last one")
        #expect(rooms.confirmed == "two")
    }

    @Test func `Entering a room without staying in the others leaves them`() {
        var rooms = RoomTracker(username: "al", room: "one")
        _ = rooms.enter("two", staying: true)
        let left = rooms.enter("three", staying: false)
        #expect(left == ["one", "two"])
        #expect(rooms.contains("three") && !rooms.contains("one"))
    }

    @Test func `A room that is entered again is not kept twice`() {
        var rooms = RoomTracker(username: "al", room: "one")
        _ = rooms.enter("two", staying: true)
        _ = rooms.enter("one", staying: true)
        #expect(rooms.confirmed == "one" && rooms.kept == ["two"])
    }

    @Test func `A room asked for is believed until it is confirmed or refused, and a connection begins in it`() {
        var rooms = RoomTracker(username: "al", room: nil)
        rooms.ask(for: "dev")
        #expect(rooms.current == "dev" && rooms.confirmed == "global")
        var refused = rooms
        refused.refuse()
        #expect(refused.current == "global")
        rooms.reconnect()
        #expect(rooms.confirmed == "dev")
    }
}
