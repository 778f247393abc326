import Testing

@testable import Wire

struct OriginTests {
    @Test(
        arguments: [
            ("https://chat.example.com", "https://chat.example.com", true),
            ("https://chat.example.com", "HTTPS://Chat.Example.com", true),
            ("https://chat.example.com", "https://chat.example.com:443", true),
            ("https://chat.example.com", "http://chat.example.com", false),
            ("https://chat.example.com", "https://chat.example.com:8443", false),
            ("https://chat.example.com", "https://chat.example.com.evil.example", false),
            ("https://chat.example.com", "https://evil-chat.example.com", false),
            ("https://chat.example.com", "https://chat.example.com/", false),
            ("https://chat.example.com", "null", false), ("null", "null", true), ("null", "NULL", false),
            ("*", "https://evil.example", true), ("*", "null", true), ("*", "nonsense", true), ("", "null", false),
            ("", "https://chat.example.com", false), ("http://[::1]:3000", "http://[::1]:3000", true),
            ("https://a.example, https://b.example", "https://b.example", true),
            ("app://desktop", "app://desktop", true),
        ])
    func `origins are compared exactly`(list: String, origin: String, isAllowed: Bool) throws {
        #expect(try AllowedOrigins(list).allows(origin) == isAllowed)
    }

    @Test(
        arguments: [
            "chat.example.com", "https://", "https://chat.example.com/", "https://chat.example.com/path",
            "https://*.example.com",
            "https://user@example.com", "://x", "https://x:0", "https://x:65536", "https://x:", "https://x:08",
            "https://[x]",
            "https://a b", "https//x", "https://x?y", "https://é.example",
        ])
    func `what is no origin cannot be allowed`(text: String) {
        #expect(throws: OriginListError(item: text)) { try AllowedOrigins(text) }
    }

    @Test(
        arguments: [
            ("http://localhost:8080", "localhost:8080", true), ("https://localhost:8080", "LOCALHOST:8080", true),
            ("https://chat.example.com", "chat.example.com", true),
            ("https://chat.example.com", "chat.example.com:443", true),
            ("https://chat.example.com", "chat.example.com:80", false),
            ("http://chat.example.com", "chat.example.com:80", true),
            ("http://localhost", "localhost:8080", false), ("http://evil.example", "localhost", false),
            ("null", "null", false),
            ("http://[::1]:1", "[::1]:1", true), ("http://x", "", false), ("http://x", "x/y", false),
        ])
    func `a page is the host's own where host and port are the same`(origin: String, host: String, isOwn: Bool) throws {
        #expect(try #require(Origin(origin)).isOf(host: host) == isOwn)
    }
}
