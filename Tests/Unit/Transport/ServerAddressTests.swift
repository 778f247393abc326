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
        "wss://h:1",
        "ftp://h", "h/path", "h:1:2", "host:٨٠",
    ])
    func `Nonsense is refused with a sentence`(text: String) {
        #expect(throws: ServerAddress.Problem.self) { try ServerAddress(text) }
    }

    @Test func `IPv6 is shown in brackets`() {
        #expect(ServerAddress(host: "::1", port: 80).description == "[::1]:80")
        #expect(ServerAddress(host: "h", port: 80).description == "h:80")
    }

    @Test(
        arguments: [
            ("alice", nil, "/ws?username=alice"), ("a&room=x", "dev", "/ws?username=a%26room%3Dx&room=dev"),
            ("é+ü", "a b#?", "/ws?username=%C3%A9%2B%C3%BC&room=a%20b%23%3F"),
        ] as [(String, String?, String)])
    func `The request target is percent-encoded`(username: String, room: String?, target: String) {
        #expect(UpgradeRequest(username: username, room: room).target == target)
    }

    @Test func `The session's secret is part of the request target`() {
        let request = UpgradeRequest(username: "al", room: "dev", session: "a&b+c")
        #expect(request.target == "/ws?username=al&room=dev&session=a%26b%2Bc")
    }
}
