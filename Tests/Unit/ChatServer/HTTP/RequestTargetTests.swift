import NIOHTTP1
import Testing

@testable import ChatServer

struct RequestTargetTests {
    private func target(_ text: String, _ method: HTTPMethod = .GET) -> String? {
        (try? RequestTarget(text, for: method))?.text
    }

    @Test(
        arguments: [
            ("/", "/"), ("/ws?username=alice", "/ws?username=alice"), ("//ws", "//ws"), ("/a?b?c", "/a?b?c"),
            ("http://x/ws?username=alice", "/ws?username=alice"), ("http://x:80/ws", "/ws"), ("HTTP://X/ws", "/ws"),
            ("https://x/healthz", "/healthz"), ("http://[::1]:80/healthz", "/healthz"), ("http://x", "/"),
            ("http://x?a=b", "/?a=b"), ("http://x/http://y/ws", "/http://y/ws"),
        ])
    func `the absolute form means the same as the origin form`(text: String, target: String) {
        #expect(self.target(text) == target)
    }

    @Test(arguments: [
        "", "*", "ws", "x/ws", "http:/ws", "http:///ws", "http://", "http://user@x/ws", "http://a b/ws", "ftp://x/ws",
        "http//x/ws",
    ])
    func `what is neither is refused`(text: String) {
        #expect(target(text) == nil)
    }

    @Test func `only OPTIONS asks about the server as a whole`() {
        #expect(target("*", .OPTIONS) == "*")
        #expect(target("*", .GET) == nil)
    }

    @Test(
        arguments: [
            ("/ws", .chat), ("/ws?username=a", .chat), ("/ws?", .chat), ("/ws?\u{301}", .chat), ("/healthz", .health),
            ("/api/rooms?x", .activeRooms), ("/", nil), ("/ws/", nil), ("/wsx", nil), ("/ws/x?username=a", nil),
            ("/WS", nil), ("/?/ws", nil), ("//ws", nil), ("/healthz/", nil), ("//metrics", nil), ("/./metrics", nil),
            ("/%77s", nil),
        ] as [(String, Endpoint?)])
    func `an endpoint is one path`(text: String, endpoint: Endpoint?) throws {
        #expect(Endpoint(try RequestTarget(text, for: .GET)) == endpoint)
    }
}
