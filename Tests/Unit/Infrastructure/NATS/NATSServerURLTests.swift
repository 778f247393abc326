import Testing

@testable import InfrastructureNATS

struct NATSServerURLTests {
    @Test(arguments: [
        ("nats://localhost", "localhost:4222"),
        ("nats://localhost/", "localhost:4222"),
        ("nats://10.0.0.1:7000", "10.0.0.1:7000"),
        ("nats://nats_1.example.com:1", "nats_1.example.com:1"),
        ("nats://[::1]", "[::1]:4222"),
        ("nats://[fe80::1]:65535/", "[fe80::1]:65535"),
        ("tls://nats-1:4223", "nats-1:4223"),
    ])
    func `an address has its parts`(_ text: String, _ address: String) throws {
        let url = try NATSServerURL(text)
        #expect(url.address == address)
        #expect(url.isEncrypted == text.hasPrefix("tls"))
        #expect(url.credentials == nil)
        #expect(url.withoutCredentials == (url.isEncrypted ? "tls://" : "nats://") + address)
    }

    @Test(
        arguments: [
            ("nats://u:p@h", .user("u", password: "p")), ("nats://u:a%2Fb@h", .user("u", password: "a/b")),
            ("nats://u:p%40ss@h", .user("u", password: "p@ss")), ("tls://u:100%25@h", .user("u", password: "100%")),
            ("nats://u:a:b@h", .user("u", password: "a:b")), ("nats://u:a%3Ab%2Cc@h", .user("u", password: "a:b,c")),
            ("nats://us%3Aer:pä%C3%A4@h", .user("us:er", password: "pää")),
            ("nats://u:%252F@h", .user("u", password: "%2F")), ("nats://s3c%2Fret@h:1", .token("s3c/ret")),
            ("nats://to%3Aken@h", .token("to:ken")),
        ] as [(String, NATSServerURL.Credentials)])
    func `user, password and token are percent-decoded and shown nowhere`(
        _ text: String, _ expected: NATSServerURL.Credentials
    ) throws {
        let url = try NATSServerURL(text)
        #expect(url.credentials == expected)
        var dumped = "\(url) \(String(reflecting: url)) \(url.address) \(url.withoutCredentials)"
        dump(url, to: &dumped)
        #expect(!dumped.contains("@") && !dumped.contains("ret") && !dumped.contains("u:"), "\(dumped)")
    }

    @Test(
        arguments: [
            ("", .malformed), ("localhost:4222", .malformed), ("http://localhost", .malformed),
            ("NATS://localhost", .malformed), ("nats:/localhost", .malformed), ("nats://local host", .malformed),
            ("nats://h?x=1", .malformed), ("nats://h#x", .malformed), ("nats://h/path", .malformed),
            ("nats://u:a/b@h", .notEncoded), ("nats://u:p@ss@h", .notEncoded), ("nats://u:100%@h", .notEncoded),
            ("nats://u:%zz@h", .notEncoded), ("nats://u:%ff@h", .notEncoded), ("nats://u:a%00@h", .notEncoded),
            ("nats://u:a?b@h", .notEncoded), ("nats://u:a b@h", .notEncoded),
            ("nats://u:@h", .noPassword), ("nats://:p@h", .noPassword), ("nats://@h", .noPassword),
            ("nats://", .noHost), ("nats://:4222", .noHost), ("nats://u:p@", .noHost), ("nats:///", .noHost),
            ("nats://h\u{E4}", .noHost), ("nats://a%2Fb", .noHost),
            ("nats://::1", .address), ("nats://::1:4222", .address), ("nats://[::1", .address),
            ("nats://[localhost]:1", .address), ("nats://[]:1", .address), ("nats://h:1:2", .address),
            ("nats://h:0", .port), ("nats://h:65536", .port), ("nats://h:99999", .port), ("nats://h:", .port),
            ("nats://h:x", .port), ("nats://h:-1", .port), ("nats://h:+1", .port), ("nats://[::1]1", .port),
            ("nats://h:99999999999999999999", .port),
        ] as [(String, NATSServerURLError.Rule)])
    func `what is wrong with an address is named`(_ text: String, _ rule: NATSServerURLError.Rule) {
        let error = #expect(throws: NATSServerURLError.self) { try NATSServerURL(text) }
        #expect(error == NATSServerURLError(rule))
    }

    @Test func `several are joined by commas, and an error says which it is`() throws {
        #expect(try NATSServerURL.list("").isEmpty)
        #expect(try NATSServerURL.list(" ").isEmpty)
        let list = try NATSServerURL.list("nats://a:1, nats://u:p%2C@b ,tls://[::1]")
        #expect(list.map(\.address) == ["a:1", "b:4222", "[::1]:4222"])
        #expect(list[1].credentials == .user("u", password: "p,"))
        for (text, rule, number) in [
            ("nats://a,nats://b:99999", .port, 2), ("nats://a,,nats://b", .malformed, 2), ("nats://a,", .malformed, 2),
            ("a,nats://b", .malformed, 1),
        ] as [(String, NATSServerURLError.Rule, Int)] {
            let error = #expect(throws: NATSServerURLError.self) { try NATSServerURL.list(text) }
            #expect(error == NATSServerURLError(rule, number: number), "\(text)")
            #expect(error?.description.hasSuffix(" (URL number \(number))") == true)
        }
        let alone = #expect(throws: NATSServerURLError.self) { try NATSServerURL.list("nats://a:0") }
        #expect(alone?.description == "must have a port from 1 to 65535")
    }
}
