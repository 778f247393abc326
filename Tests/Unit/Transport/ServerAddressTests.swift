import Testing

@testable import Transport

@Suite struct ServerAddressTests {
    @Test(arguments: [
        ("localhost:8080", "localhost", 8080), ("example.org", "example.org", 8080), (":9000", "localhost", 9000),
        ("[::1]:81", "::1", 81), ("[fe80::1%eth0]", "fe80::1%eth0", 8080), ("ws://host:1/ws", "host", 1),
        ("ws://[::1]:2/", "::1", 2), ("http://10.0.0.1:65535", "10.0.0.1", 65535), ("my_host-1:80", "my_host-1", 80),
    ])
    func `An address is read`(text: String, host: String, port: Int) throws {
        #expect(try ServerAddress(text) == ServerAddress(host: host, port: port))
    }

    @Test(arguments: [
        "", "a b", "host:", "host:0", "host:65536", "host:-1", "host:8o80", "::1", "[::1", "[::1]8080", "[host]:1",
        "ftp://h", "h/path", "h:1:2", "host:٨٠", "ws://", "wss:///ws", "https://me:secret@h", "wss://h/ws?room=dev",
        "ws://h/#there", "ws://h/a b", "ws://h/\r\nX: y", "ws://h/é", "wss://h:0/ws",
    ])
    func `Nonsense is refused with a sentence`(text: String) {
        #expect(throws: ServerAddress.Problem.self) { try ServerAddress(text) }
    }

    @Test(arguments: [
        ("ws://h", "h", 80, false, "/ws"), ("wss://h", "h", 443, true, "/ws"), ("WSS://h:1/", "h", 1, true, "/ws"),
        ("wss://h/chat/socket", "h", 443, true, "/chat/socket"), ("https://h/chat", "h", 443, true, "/chat/ws"),
        ("https://h/chat/", "h", 443, true, "/chat/ws"), ("http://h/chat/ws", "h", 80, false, "/chat/ws"),
        ("wss://[::1]:2/a%20b", "::1", 2, true, "/a%20b"),
    ])
    func `A URL says more, and is written so that it can be read again`(
        text: String, host: String, port: Int, isSecure: Bool, path: String
    ) throws {
        let address = try ServerAddress(text)
        #expect(address == ServerAddress(host: host, port: port, isSecure: isSecure, path: path))
        #expect(try ServerAddress(address.description) == address)
    }

    @Test func `What stands before an at sign is not repeated`() throws {
        let problem = try #require(throws: ServerAddress.Problem.self) { try ServerAddress("wss://me:hunter2@h") }
        #expect(!problem.description.contains("hunter2"))
    }

    @Test func `IPv6 is shown in brackets`() {
        #expect(ServerAddress(host: "::1", port: 80).description == "[::1]:80")
        #expect(ServerAddress(host: "h", port: 80).description == "h:80")
        #expect(ServerAddress(host: "fe80::1%eth0", port: 80).authority == "[fe80::1]:80")
    }

    @Test(
        arguments: [
            ("alice", nil, "/ws?username=alice"), ("a&room=x", "dev", "/ws?username=a%26room%3Dx&room=dev"),
            ("é+ü", "a b#?", "/ws?username=%C3%A9%2B%C3%BC&room=a%20b%23%3F"),
        ] as [(String, String?, String)])
    func `The request target is percent-encoded`(username: String, room: String?, target: String) {
        #expect(UpgradeRequest(username: username, room: room).target() == target)
    }

    @Test func `Where a token names the user the request does not`() {
        #expect(UpgradeRequest(username: "", room: "dev").target() == "/ws?room=dev")
        #expect(UpgradeRequest(username: "").target() == "/ws")
    }

    @Test func `The session's secret is part of the request target`() {
        let request = UpgradeRequest(username: "al", room: "dev", session: "a&b+c")
        #expect(request.target(at: "/chat/ws") == "/chat/ws?username=al&room=dev&session=a%26b%2Bc")
    }
}
