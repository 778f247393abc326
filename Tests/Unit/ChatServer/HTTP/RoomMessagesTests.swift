import Domain
import HTTPTypes
import Service
import Testing

@testable import ChatServer

struct RoomMessagesTests {
    @Test(arguments: [
        ("/api/rooms/dev/messages", "dev"), ("/api/rooms/a%2Fb/messages", "a/b"), ("/api/rooms/%C3%A9/messages", "é"),
        ("/api/rooms/messages/messages", "messages"),
    ])
    func `the room is percent-encoded`(path: String, room: String) throws {
        let name = try RoomName(room)
        #expect(RoomMessagesRoute(path: path)?.room == name)
    }

    @Test(arguments: [
        "/api/rooms", "/api/rooms/", "/api/rooms/messages", "/api/rooms//messages", "/api/rooms/dev/messages/",
        "/api/rooms/a/b/messages", "/api/rooms/two%20words/messages", "/api/rooms/%zz/messages", "/rooms/dev/messages",
    ])
    func `any other path is none`(path: String) { #expect(RoomMessagesRoute(path: path) == nil) }

    @Test(
        arguments: [
            ("", .latest, 50), ("limit=100", .latest, 100), ("before=7&limit=1", .before(SequenceNumber(7)), 1),
            ("after=0", .after(SequenceNumber(0)), 50),
        ] as [(String, LogRange, Int)])
    func `a part is asked for as with history`(query: String, range: LogRange, limit: Int) throws {
        let read = try RoomMessagesQuery(Query(query[...]))
        #expect(read.range == range && read.limit == limit)
    }

    @Test(arguments: ["limit=0", "limit=101", "limit=x", "before=-1", "after=1.5", "before=1&after=2", "after=%zz"])
    func `anything else is refused`(query: String) {
        let error = #expect(throws: APIError.self) { try RoomMessagesQuery(Query(query[...])) }
        #expect(error?.status == .badRequest)
    }
}
