import Foundation
import InfrastructureIdentity
import Testing

@testable import InfrastructureConfiguration
@testable import InfrastructureNATS
@testable import InfrastructureObservability

struct ChatConfigurationTests {
    /// Loads `json` as a file.
    private func load(_ json: String, environment: [String: String] = [:]) throws -> ChatConfiguration {
        let url = FileManager.default.temporaryDirectory.appending(path: "configuration-\(UUID().uuidString).json")
        try Data(json.utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try ChatConfiguration.load(path: url.path, environment: environment)
    }

    private func refusal(_ json: String, environment: [String: String] = [:]) -> String {
        do {
            _ = try load(json, environment: environment)
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    private static let integers: [(String, any WritableKeyPath<ChatConfiguration, Int> & Sendable, ClosedRange<Int>)] =
        [
            ("port", \.port, 0...65_535),
            ("max_message_bytes", \.maxMessageBytes, 1...32_768),
            ("max_connections", \.maxConnections, 1...10_000_000),
            ("handshake_seconds", \.handshakeSeconds, 1...3600),
            ("compression_minimum_bytes", \.compressionMinimumBytes, 0...1 << 20),
            ("send_buffer_bytes", \.sendBufferBytes, 65_536...1 << 30),
            ("merge_notices_above", \.mergeNoticesAbove, 0...10_000_000),
            ("max_rooms_per_session", \.maxRoomsPerSession, 1...100_000),
            ("rate_limit_messages", \.rateLimitMessages, 0...1_000_000),
            ("rate_limit_window_seconds", \.rateLimitWindowSeconds, 1...3600),
            ("drain_seconds", \.drainSeconds, 0...3600),
            ("lease_seconds", \.leaseSeconds, 1...3600),
            ("grace_seconds", \.graceSeconds, 0...3600),
            ("append_timeout_seconds", \.appendTimeoutSeconds, 1...60),
            ("startup_timeout_seconds", \.startupTimeoutSeconds, 1...3600),
            ("retention_messages_per_room", \.retentionMessagesPerRoom, 1...10_000_000),
            ("retention_days", \.retentionDays, 1...36_500),
            ("stream_replicas", \.streamReplicas, 1...5),
            ("event_loop_threads", \.eventLoopThreads, 0...1024),
            ("jwt_leeway_seconds", \.identity.rules.leewaySeconds, 0...3600),
        ]

    @Test func `without a file and an environment there are the defaults, and they are allowed`() throws {
        let configuration = try ChatConfiguration.load(path: nil, environment: [:])
        #expect(configuration == ChatConfiguration())
        #expect(configuration.isEmbedded)
        #expect(try load("{}") == ChatConfiguration())
        for (key, path, range) in Self.integers {
            #expect(range.contains(configuration[keyPath: path]), "\(key)")
        }
    }

    @Test(arguments: integers)
    func `a number is taken up to both ends of its range, and not beyond`(
        key: String, path: any WritableKeyPath<ChatConfiguration, Int> & Sendable, range: ClosedRange<Int>
    ) throws {
        for number in [range.lowerBound, range.upperBound] {
            #expect(try load("{\"\(key)\":\(number)}")[keyPath: path] == number)
            #expect(try load("{}", environment: [key.uppercased(): "\(number)"])[keyPath: path] == number)
        }
        let allowed = "it must be a whole number from \(range.lowerBound) to \(range.upperBound)"
        for number in [range.lowerBound - 1, range.upperBound + 1] {
            #expect(refusal("{\"\(key)\":\(number)}") == "\(key): \(number) is not allowed; \(allowed)")
            #expect(
                refusal("{}", environment: [key.uppercased(): "\(number)"])
                    == "\(key): \"\(number)\" is not allowed; \(allowed)")
        }
        for value in ["\"8\"", "true", "null", "1.5", "[1]", "{}", "99999999999999999999", "\"\""] {
            #expect(refusal("{\"\(key)\":\(value)}").hasSuffix(allowed), "\(value)")
        }
        for value in ["", " 8", "8 ", "eight", "0x8", "1.5", "1e3", "99999999999999999999"] {
            #expect(refusal("{}", environment: [key.uppercased(): value]).hasSuffix(allowed), "\(value)")
        }
    }

    private static let texts:
        [(String, any WritableKeyPath<ChatConfiguration, String> & Sendable, [String], [String])] = [
            (
                "host", \.host,
                [
                    "127.0.0.1", "::", "::1", "fe80::1%eth0", "chat.example", "chat.example.", "localhost", "my_host-1",
                    "a.1b",
                ],
                [
                    "", " ", "a b", "a\0b", "127.0.0.1:8080", "localhost:8080", "[127.0.0.1]", "[chat.example]", "[::1",
                    "::1]",
                    "[::1]:8080", "::1::", "999.1.1.1", "127.0.0", "1", "a..b", ".", "http://a", "a/b", "*", "a@b",
                    "日本", "[]", String(repeating: "a", count: 64),
                ]
            ),
            ("redis_key_prefix", \.redisKeyPrefix, ["", "{chat}:"], ["a b", "\t", "a\0b", "\u{1B}"]),
            ("instance_name", \.instanceName, ["", "one", "日本"], ["a b", "a\0b", "a\u{7F}", "\u{85}"]),
            ("redis_ca_file", \.redisCAFile, ["", "/etc/ca.pem"], ["a\0b"]),
            ("nats_ca_file", \.natsFiles.authorities, ["", "/etc/ca.pem"], ["a\0b"]),
            ("nats_certificate_file", \.natsFiles.certificate, [""], ["a\0b"]),
            ("nats_key_file", \.natsFiles.key, [""], ["a\0b"]),
            ("nats_nkey_seed_file", \.natsFiles.seed, ["", "/etc/chat.nk"], ["a\0b"]),
            ("nats_credentials_file", \.natsFiles.credentials, ["", "/etc/chat.creds"], ["a\0b"]),
            ("data_directory", \.dataDirectory, ["", "data", "/var/lib/chat", "with space"], ["a\0b"]),
            (
                "log_level", \.logLevel, ["trace", "debug", "info", "notice", "warning", "error", "critical"],
                ["", "INFO", "x"]
            ),
            ("log_file", \.logFile, ["", "/tmp/a b.log"], ["a\0b"]),
            ("jwt_public_key_file", \.identity.publicKeyFile, ["", "/etc/chat.pub"], ["a\0b"]),
            ("jwt_username_claim", \.identity.rules.usernameClaim, ["sub", "preferred_username"], [""]),
        ]

    @Test(arguments: texts)
    func `a text is taken where it is one that is allowed`(
        key: String, path: any WritableKeyPath<ChatConfiguration, String> & Sendable, allowed: [String],
        refused: [String]
    ) throws {
        for text in allowed {
            #expect(try load("{\"\(key)\":\"\(text)\"}")[keyPath: path] == text)
            #expect(try load("{}", environment: [key.uppercased(): text])[keyPath: path] == text)
        }
        for text in refused {
            #expect(
                refusal("{}", environment: [key.uppercased(): text])
                    .hasPrefix("\(key): \(text.debugDescription) is not allowed; "))
        }
        for value in ["7", "true", "null", "[]"] {
            #expect(refusal("{\"\(key)\":\(value)}").hasPrefix("\(key): "), "\(value)")
        }
    }

    @Test func `a certificate and its key are set together`() throws {
        let both = try load(#"{"tls_certificate_file":"/c.pem","tls_private_key_file":"/k.pem"}"#)
        #expect(both.isTLSOn && both.tlsCertificateFile == "/c.pem" && both.tlsPrivateKeyFile == "/k.pem")
        #expect(try !load("{}").isTLSOn)
        #expect(
            refusal(#"{"tls_certificate_file":"/c.pem"}"#)
                == "tls_private_key_file: missing, while tls_certificate_file is set; TLS needs both")
        #expect(
            refusal("{}", environment: ["TLS_PRIVATE_KEY_FILE": "/k.pem"])
                == "tls_certificate_file: missing, while tls_private_key_file is set; TLS needs both")
    }

    @Test func `an IPv6 address may stand in brackets, as it does in URLs`() throws {
        #expect(try load(#"{"host":"[::1]"}"#).host == "::1")
        #expect(try load("{}", environment: ["HOST": "[2001:db8::1]"]).host == "2001:db8::1")
    }

    @Test func `a NUL in a path is refused, since the system would take what stands before it`() {
        for key in [
            "log_file", "data_directory", "redis_ca_file", "tls_certificate_file", "tls_private_key_file",
        ] {
            #expect(refusal("{\"\(key)\":\"a\\u0000b\"}").hasPrefix("\(key): "))
        }
        #expect(refusal(#"{"log_file":"a\u0000b\u0007"}"#).contains(#""a\0b\u{07}" is not allowed"#))
        for key in ["instance_name", "redis_key_prefix", "host", "nats_url", "redis_url"] {
            #expect(refusal("{\"\(key)\":\"a\\u0000b\"}").hasPrefix("\(key): "))
        }
    }

    @Test(
        arguments: [
            "nats://h:99999", "nats://h:0", "nats://h:-1", "nats://h:x", "nats://", "nats:", "h:4222", "nats://a b%00c",
            ",",
            " , ", "nats://h,", "nats://h,,nats://i", "nats://h%20i",
        ])
    func `a NATS URL that no connection can be made to is refused`(url: String) {
        let file = #"{"redis_url":"redis://a"}"#
        let line = refusal(file, environment: ["NATS_URL": url])
        #expect(line.hasPrefix("nats_url: its value is"))
    }

    @Test(arguments: ["redis://a%20b", "redis://a%00b", "redis://a:0", "redis://a:99999", "redis://a%0Ab"])
    func `a Redis URL that no connection can be made to is refused`(url: String) {
        #expect(refusal("{}", environment: ["REDIS_URL": url]).hasPrefix("redis_url: its value is"))
    }

    @Test func `a key that stands twice is refused, whichever value is right`() {
        #expect(refusal(#"{"port":21999,"host":"a","port":22000}"#).hasPrefix("port: stands there twice"))
        #expect(refusal(#"{"port":21999,"\u0070ort":21999}"#).hasPrefix("port: stands there twice"))
    }

    @Test func `a number is shown as it was written`() {
        #expect(refusal(#"{"port":1e400}"#).hasPrefix("port: 1e400 is not allowed; it must be a whole number"))
        #expect(refusal(#"{"port":-0.50}"#).hasPrefix("port: -0.50 is not allowed; "))
        #expect(refusal(#"{"port":[]}"#).hasPrefix("port: [] is not allowed; "))
    }

    @Test func `a whole number may be written in any way`() throws {
        #expect(try load(#"{"port":8.08e3}"#).port == 8080)
        #expect(try load(#"{"port":8080.0}"#).port == 8080)
    }

    @Test(
        arguments: [
            ("{\"port\":021999}", "line 1, column 9: a number must not begin with a zero"),
            ("{\"port\":21999,}", "line 1, column 14: a comma must not stand before a closing bracket"),
            ("// c\n{\"port\":21999}", "line 1, column 1: an object is expected, which begins with {"),
            ("{\n  \"port\": 8080,\n  'host': \"a\"\n}", "line 3, column 3: a name in double quotes is expected"),
            ("{\n  \"port\": 8080\n  \"host\": \"a\"\n}", "line 3, column 3: a comma or a closing bracket is expected"),
        ])
    func `a mistake in the file is named with its place`(json: String, words: String) {
        #expect(refusal(json).hasSuffix("is not one JSON object; \(words)"))
    }

    @Test func `a byte order mark at the beginning of the file is none of its text`() throws {
        #expect(try load("\u{FEFF}{\"port\":1}").port == 1)
    }

    @Test func `the log format is one of two`() throws {
        #expect(try load(#"{"log_format":"json"}"#).logFormat == .json)
        #expect(try load(#"{"log_format":"text"}"#).logFormat == .text)
        #expect(refusal(#"{"log_format":"xml"}"#) == #"log_format: "xml" is not allowed; it must be one of text, json"#)
    }

    @Test func `the environment goes before the file, key by key`() throws {
        let configuration = try load(
            #"{"port":1,"host":"a","log_level":"debug"}"#,
            environment: ["PORT": "2", "LOG_LEVEL": "error", "OTHER": "x"])
        #expect(configuration.port == 2)
        #expect(configuration.host == "a")
        #expect(configuration.logLevel == "error")
        // What is overridden is not looked at.
        #expect(try load(#"{"port":"x"}"#, environment: ["PORT": "2"]).port == 2)
    }

    @Test func `a key that nobody knows is refused by name, with those there are`() {
        let line = refusal(#"{"prot":8080}"#)
        #expect(line.hasPrefix("prot: no such key; known are host, port, nats_url, nats_ca_file, "))
        #expect(refusal(#"{"PORT":8080}"#).hasPrefix("PORT: no such key"))
        #expect(refusal(#"{"zz":1,"aa":1}"#).hasPrefix("aa: no such key"))
    }

    @Test func `a cluster needs both servers`() throws {
        let configuration = try load(#"{"nats_url":"nats://a:4222, tls://b","redis_url":"redis://c:6379/2"}"#)
        #expect(configuration.natsServers.map(\.description) == ["nats://a:4222", "tls://b:4222"])
        #expect(configuration.redisURL == "redis://c:6379/2")
        #expect(!configuration.isEmbedded)
        #expect(try load(#"{"nats_url":"","redis_url":""}"#).isEmbedded)
        #expect(refusal(#"{"nats_url":"nats://a"}"#).hasPrefix("redis_url: missing, while nats_url is set;"))
        #expect(refusal(#"{"redis_url":"redis://a"}"#).hasPrefix("nats_url: missing, while redis_url is set;"))
        #expect(refusal("{}", environment: ["NATS_URL": "nats://a"]).hasPrefix("redis_url: missing"))
        // An environment that blanks one of them says “embedded” only where it blanks both.
        let file = #"{"nats_url":"nats://a","redis_url":"redis://b"}"#
        #expect(refusal(file, environment: ["NATS_URL": ""]).hasPrefix("nats_url: missing"))
        #expect(try load(file, environment: ["NATS_URL": "", "REDIS_URL": ""]).isEmbedded)
    }

    @Test func `an instance beats more than once in a lease`() throws {
        #expect(try load("{}").beat == .seconds(2))
        #expect(try load(#"{"lease_seconds":1}"#).beat == .seconds(1) / 3)
        #expect(try load(#"{"lease_seconds":10,"beat_seconds":9}"#).beat == .seconds(9))
        let words = refusal(#"{"lease_seconds":10,"beat_seconds":10}"#)
        #expect(words.hasPrefix("beat_seconds: 10 is not allowed; it must be less than lease_seconds"))
    }

    @Test func `authorities go with an encrypted Redis only`() throws {
        let file = #"{"nats_url":"nats://a","redis_url":"rediss://b","redis_ca_file":"/etc/ca.pem"}"#
        #expect(try load(file).redisCAFile == "/etc/ca.pem")
        #expect(try load(file, environment: ["REDIS_URL": "rediss+sentinel://b/main"]).redisCAFile == "/etc/ca.pem")
        #expect(try load(file, environment: ["NATS_URL": "", "REDIS_URL": ""]).isEmbedded)
        #expect(
            refusal(file, environment: ["REDIS_URL": "redis://b"])
                == "redis_ca_file: set, while redis_url asks for no encryption; that begins with rediss")
        #expect(
            refusal(#"{"redis_ca_file":7}"#) == "redis_ca_file: 7 is not allowed; it must be a path, or empty")
        let error = #expect(throws: ConfigurationError.self) { try load(file).redisTrust() }
        #expect(error?.description.hasPrefix("redis_ca_file: /etc/ca.pem cannot be read; ") == true)
    }

    @Test(
        arguments: [
            ("nats_url", "user:s3cret@host"), ("nats_url", "http://user:s3cret@host"),
            ("nats_url", "nats://ok, redis://user:s3cret@host"), ("nats_url", "nats://user:s3cret@host:99999"),
            ("nats_url", "nats://user:s3cret/@host"), ("nats_url", "nats://user:s3cret@"),
            ("redis_url", "user:s3cret@host"),
            ("redis_url", "http://user:s3cret@host"), ("redis_url", "redis://user:s3cret@host/no-number"),
            ("redis_url", "redis://user:s3cret@host:port"), ("redis_url", "redis://user:s3cret@:6379"),
            ("redis_url", "redis+sentinel://user:s3cret@host1,host2"), ("redis_url", "rediss://:s3cret@a,b"),
        ])
    func `a URL that is refused is not repeated, since it may hold a password`(key: String, url: String) {
        for line in [refusal("{\"\(key)\":\"\(url)\"}"), refusal("{}", environment: [key.uppercased(): url])] {
            #expect(line.hasPrefix("\(key): its value is not allowed; it must "))
            #expect(!line.contains("s3cret"))
        }
        #expect(!refusal(#"{"nats_url":"nats://user:s3cret@host"}"#).contains("s3cret"))
    }

    @Test func `a file that cannot be read is named`() {
        let error = #expect(throws: ConfigurationError.self) {
            try ChatConfiguration.load(path: "/no/such/config.json", environment: [:])
        }
        #expect(error?.description == "the configuration file /no/such/config.json cannot be read; is the path right?")
    }

    @Test(arguments: ["", "null", "[]", "7", "{", #"{"port":8080"#, "port = 8080", #"{'port':8080}"#])
    func `a file that is no JSON object is said to be none`(json: String) {
        #expect(refusal(json).contains("is not one JSON object; line 1, column "))
    }
}
