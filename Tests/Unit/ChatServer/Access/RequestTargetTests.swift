import NIOHTTP1
import Testing

@testable import ChatServer

struct RequestTargetTests {
    private func target(_ text: String, _ method: HTTPMethod = .GET) -> String? {
        guard let target = try? RequestTarget(text, for: method) else { return nil }
        return target.query.isEmpty ? target.path : "\(target.path)?\(target.query)"
    }

    @Test(
        arguments: [
            ("/", "/"), ("/ws?username=alice", "/ws?username=alice"), ("//ws", "//ws"), ("/a?b?c", "/a?b?c"),
            ("/a?", "/a"),
            ("/a?\u{301}b", "/a?\u{301}b"),
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
}
