import NIOHTTP1
import Testing

@testable import ChatServer

struct PurposeTests {
    @Test(
        arguments: [
            ("/ws", .chat), ("/ws?username=a", .chat), ("/ws?", .chat), ("/ws?\u{301}", .chat), ("/healthz", .health),
            ("/api/rooms?x", .activeRooms), ("http://x/readyz", .readiness), ("/", nil), ("/ws/", nil), ("/wsx", nil),
            ("/ws/x?username=a", nil), ("/WS", nil), ("/?/ws", nil), ("//ws", nil), ("/healthz/", nil),
            ("//metrics", nil), ("/./metrics", nil), ("/%77s", nil),
        ] as [(String, Endpoint?)])
    func `an endpoint is one path, byte by byte`(target: String, endpoint: Endpoint?) throws {
        for method in [HTTPMethod.GET, .HEAD] {
            let purpose = try? Purpose(try .make(method, target))
            #expect(purpose == endpoint.map { .get($0) } ?? .page)
        }
    }

    @Test func `there is an echo only where the configuration has one`() throws {
        for method in [HTTPMethod.GET, .HEAD, .POST, .OPTIONS] {
            #expect(try Purpose(try .make(method, "/echo")) == .page)
        }
        #expect(try Purpose(try .make(.GET, "/echo"), echoes: true) == .get(.echo))
        #expect(throws: Refusal.methodNotAllowed) { try Purpose(try .make(.POST, "/echo"), echoes: true) }
    }

    @Test(arguments: ["*", "/ws", "/healthz"])
    func `what may be done can be asked of each endpoint and of the server`(target: String) throws {
        #expect(try Purpose(try .make(.OPTIONS, target)) == .options)
    }

    @Test(arguments: [HTTPMethod.GET, .POST, .OPTIONS, .DELETE])
    func `what administrators ask for knows its methods itself`(method: HTTPMethod) throws {
        #expect(try Purpose(try .make(method, "/api/users?limit=1")) == .admin(.users))
        #expect(try Purpose(try .make(method, "/api/revocations")) == .admin(.revocations))
    }

    @Test(arguments: [HTTPMethod.GET, .POST, .OPTIONS])
    func `what is nowhere else may be a page, which knows its methods itself`(method: HTTPMethod) throws {
        #expect(try Purpose(try .make(method, "/nowhere")) == .page)
    }

    @Test func `a room's messages are found by its name`() throws {
        let room = try #require(RoomMessagesRoute(path: "/api/rooms/dev/messages"))
        #expect(try Purpose(try .make(.GET, "/api/rooms/dev/messages?limit=1")) == .messages(room))
    }

    @Test(arguments: [HTTPMethod.POST, .PUT, .DELETE, .TRACE])
    func `nothing else can be done`(method: HTTPMethod) {
        #expect(throws: Refusal.methodNotAllowed) { try Purpose(try .make(method, "/ws")) }
    }
}
