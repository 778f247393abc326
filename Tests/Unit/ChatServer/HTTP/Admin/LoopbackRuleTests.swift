import NIOCore
import NIOHTTP1
import Testing
import Wire

@testable import ChatServer

struct LoopbackRuleTests {
    private func isMet(_ address: String?, _ headers: HTTPHeaders, uri: String = "/api/users") throws -> Bool {
        let peer = try address.map { try SocketAddress(ipAddress: $0, port: 4711) }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: uri, headers: headers)
        return LoopbackRule.isMet(by: try Request(head, from: RequestSource(peerAddress: peer)))
    }

    @Test(
        arguments: [
            ("127.0.0.1", "localhost:8080", true), ("127.0.0.1", "127.0.0.1", true), ("127.8.9.1", "127.0.0.1:1", true),
            ("::1", "[::1]:8080", true), ("::ffff:127.0.0.1", "LOCALHOST", true),
            ("::1", "localhost", true),
            ("10.0.0.1", "localhost", false), ("2001:db8::1", "localhost", false),
            ("::ffff:10.0.0.1", "localhost", false),
            (nil, "localhost", false),
            ("127.0.0.1", "chat.example.com", false), ("127.0.0.1", "127.0.0.1.example.com", false),
            ("127.0.0.1", "localhost.example.com", false), ("127.0.0.1", "10.0.0.1", false), ("127.0.0.1", "", false),
            ("127.0.0.1", "[::2]", false), ("127.0.0.1", "[::1", false),
        ] as [(String?, String, Bool)])
    func `both ends are this machine`(address: String?, host: String, expected: Bool) throws {
        #expect(try isMet(address, ["Host": host]) == expected)
    }

    @Test(
        arguments: [
            ("http://localhost:8080/api/users", true), ("http://LOCALHOST/api/users", true),
            ("http://chat.example.com/api/users", false), ("https://127.0.0.1.example.com/api/users", false),
        ])
    func `a target that names another host is not for this machine`(uri: String, expected: Bool) throws {
        #expect(try isMet("127.0.0.1", ["Host": "localhost"], uri: uri) == expected)
    }

    @Test(
        arguments: [
            "Forwarded", "X-Forwarded-For", "X-FORWARDED-HOST", "X-Forwarded-Proto", "X-Real-IP", "Via",
            "CF-Connecting-IP", "x-forwarded-anything",
        ])
    func `a proxy on this machine is not this machine`(header: String) throws {
        #expect(try !isMet("127.0.0.1", ["Host": "localhost", header: "1.2.3.4"]))
        #expect(try !isMet("127.0.0.1", ["Host": "localhost", header: ""]))
    }

    @Test(
        arguments: [
            ("http://localhost:8080", true), ("HTTP://LocalHost:8080", true), ("https://localhost:8080", true),
            ("http://localhost", false), ("http://localhost:8081", false), ("https://evil.example", false),
            ("null", false), ("", false), ("localhost:8080", false),
        ])
    func `a page of another origin may not ask`(origin: String, expected: Bool) throws {
        #expect(try isMet("127.0.0.1", ["Host": "localhost:8080", "Origin": origin]) == expected)
    }

    @Test func `what a trusted proxy asks, or has announced, is not asked by this machine`() throws {
        let peer = try SocketAddress(ipAddress: "127.0.0.1", port: 4711)
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/api/users", headers: ["Host": "localhost"])
        let proxies = TrustedProxies(ranges: try AddressRange.list("127.0.0.0/8"))
        for source in [
            RequestSource(peerAddress: peer, proxies: proxies),
            RequestSource(peerAddress: peer, announcement: .client(nil)),
            RequestSource(peerAddress: peer, announcement: .client(IPAddress("127.0.0.1"))),
        ] {
            #expect(!LoopbackRule.isMet(by: try Request(head, from: source)))
        }
    }
}
