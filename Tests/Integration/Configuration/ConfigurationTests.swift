import Foundation
import Testing

/// A configuration that must stop the start, and words its one line must contain.
struct BadConfiguration: Sendable, CustomTestStringConvertible {
    let json: String
    var environment: [String: String] = [:]
    /// The key, and where it makes sense the value.
    let words: [String]

    var testDescription: String { json + (environment.isEmpty ? "" : " with \(environment)") }

    static let all: [BadConfiguration] = [
        .init(json: #"{"prot": 8080}"#, words: ["prot"]),
        .init(json: #"{"Port": 8080}"#, words: ["Port"]),
        .init(json: #"{"port": "abc"}"#, words: ["port", "abc"]),
        .init(json: #"{"port": 70000}"#, words: ["port", "70000", "65535"]),
        .init(json: #"{"port": -1}"#, words: ["port", "-1"]),
        .init(json: #"{"port": 80.5}"#, words: ["port", "80.5"]),
        .init(json: #"{"port": true}"#, words: ["port"]),
        .init(json: #"{"port": null}"#, words: ["port"]),
        .init(json: #"{"port": [8080]}"#, words: ["port"]),
        .init(json: #"{"host": 5}"#, words: ["host"]),
        .init(json: #"{"host": {"name": "x"}}"#, words: ["host"]),
        .init(json: #"{"log_level": "loud"}"#, words: ["log_level", "loud"]),
        .init(json: #"{"log_format": "xml"}"#, words: ["log_format", "xml", "json"]),
        .init(json: #"{"max_message_bytes": 0}"#, words: ["max_message_bytes", "0"]),
        .init(json: #"{"max_message_bytes": "big"}"#, words: ["max_message_bytes", "big"]),
        .init(json: #"{"rate_limit_messages": -1}"#, words: ["rate_limit_messages", "-1"]),
        .init(json: #"{"rate_limit_window_seconds": 0}"#, words: ["rate_limit_window_seconds", "0"]),
        .init(json: #"{"lease_seconds": 0}"#, words: ["lease_seconds", "0"]),
        .init(json: #"{"drain_seconds": -5}"#, words: ["drain_seconds", "-5"]),
        .init(json: #"{"stream_replicas": 99}"#, words: ["stream_replicas", "99"]),
        .init(json: #"{"event_loop_threads": -2}"#, words: ["event_loop_threads", "-2"]),
        .init(json: #"{"retention_days": -1}"#, words: ["retention_days", "-1"]),
        .init(json: #"{"send_buffer_bytes": 1}"#, words: ["send_buffer_bytes", "1"]),
        .init(json: #"{"nats_url": "http://127.0.0.1", "redis_url": "redis://127.0.0.1"}"#, words: ["nats_url"]),
        .init(json: #"{"nats_url": "nats://127.0.0.1", "redis_url": "127.0.0.1:6379"}"#, words: ["redis_url"]),
        .init(json: #"{"nats_url": "nats://127.0.0.1:4222"}"#, words: ["redis_url", "nats_url"]),
        .init(json: #"{"redis_url": "redis://127.0.0.1:6379"}"#, words: ["redis_url", "nats_url"]),
        .init(json: "{}", environment: ["PORT": "abc"], words: ["port", "abc"]),
        .init(json: "{}", environment: ["PORT": "99999"], words: ["port", "99999"]),
        .init(json: "{}", environment: ["LOG_LEVEL": "loud"], words: ["log_level", "loud"]),
        .init(json: "{}", environment: ["NATS_URL": "nats://127.0.0.1:4222"], words: ["nats_url", "redis_url"]),
        .init(json: #"{"nats_url": "nats://h:99999", "redis_url": "redis://h"}"#, words: ["nats_url"]),
        .init(json: #"{"redis_url": "redis://h:99999", "nats_url": "nats://h"}"#, words: ["redis_url"]),
        .init(json: #"{"log_file": "a\u0000b"}"#, words: ["log_file"]),
        .init(json: #"{"data_directory": "a\u0000b"}"#, words: ["data_directory"]),
        .init(json: #"{"host": "127.0.0.1:8080"}"#, words: ["host", "127.0.0.1:8080"]),
        .init(json: #"{"jwt_secret": "short"}"#, words: ["jwt_secret", "32 bytes"]),
        .init(json: #"{"jwt_issuer": "https://issuer.example"}"#, words: ["jwt_issuer", "jwt_secret"]),
        .init(json: #"{"guest_prefix": "guest-"}"#, words: ["guest_prefix", "jwt_secret"]),
        .init(json: #"{"jwt_jwks_url": "http://issuer.example/keys"}"#, words: ["jwt_jwks_url", "https"]),
        .init(json: #"{"jwt_leeway_seconds": -1}"#, words: ["jwt_leeway_seconds", "-1"]),
        .init(json: #"{"jwt_require_expiry": "yes"}"#, words: ["jwt_require_expiry", "true or false"]),
        .init(json: #"{"port": 21999, "port": 22000}"#, words: ["port", "twice"]),
        .init(json: #"{"port": 1e400}"#, words: ["port", "1e400"]),
        .init(json: #"{"port": 021999}"#, words: ["config.json", "line 1, column 10", "zero"]),
        .init(json: "{\"port\": 21999,\n}", words: ["config.json", "line 1, column 15", "comma"]),
        .init(json: #"{"port": 8080"#, words: ["config.json"]),
        .init(json: "[]", words: ["config.json"]),
        .init(json: "", words: ["config.json"]),
    ]
}

extension Integration {
    @Suite("Configuration", .serialized)
    struct Configuration {
        @Test("What is wrong stops the start with one line that names it", arguments: BadConfiguration.all)
        func refused(_ bad: BadConfiguration) async throws {
            for more in [[], ["--check-config"]] {
                let run = try await ServerRun.configuration(bad.json, more, environment: bad.environment)
                #expect(run.isRefusal, "\(run)")
                #expect(run.lines.count == 1, "\(run)")
                for word in bad.words { #expect(run.output.lowercased().contains(word.lowercased()), "\(run)") }
            }
        }

        @Test("A configuration file that is not there stops the start with one line that names it")
        func missingFile() async throws {
            let run = try await ServerRun.arguments(["--config", "/nowhere/chat.json"])
            #expect(run.isRefusal, "\(run)")
            #expect(run.lines.count == 1 && run.output.contains("/nowhere/chat.json"), "\(run)")
        }

        @Test("--check-config says yes to what is right, without connecting anywhere")
        func checked() async throws {
            let run = try await ServerRun.settings(
                Settings.forTests.with([
                    "host": "[::1]", "port": 8080, "nats_url": "nats://127.0.0.1:1", "redis_url": "redis://127.0.0.1:1",
                    "redis_key_prefix": "{chat}:", "log_level": "debug", "log_format": "json",
                    "max_message_bytes": 4_096, "max_connections": 10, "handshake_seconds": 3,
                    "send_buffer_bytes": 65_536, "append_timeout_seconds": 2, "startup_timeout_seconds": 3,
                    "instance_name": "one",
                ]), ["--check-config"])
            #expect(run.status == .exited(0), "\(run)")
        }

        @Test("--version prints a version and nothing else")
        func version() async throws {
            let run = try await ServerRun.arguments(["--version"])
            #expect(run.status == .exited(0))
            #expect(run.lines.count == 1)
            #expect(run.output.contains(/\d+\.\d+/), "\(run)")
        }

        @Test("--help names the options")
        func help() async throws {
            let run = try await ServerRun.arguments(["--help"])
            #expect(run.status == .exited(0))
            for option in ["--config", "--check-config", "--version", "--health"] {
                #expect(run.output.contains(option))
            }
        }

        @Test("An unknown option is refused")
        func unknownOption() async throws {
            let run = try await ServerRun.arguments(["--colour", "red"])
            #expect(run.isRefusal && run.output.contains("--colour"), "\(run)")
        }

        @Test("The environment goes before the file")
        func environment() async throws {
            let instance = try ChatInstance("server-env", ["instance_name": "from-file", "max_message_bytes": 100])
            defer { instance.signal(9) }
            try instance.launch(environment: ["INSTANCE_NAME": "from-environment", "MAX_MESSAGE_BYTES": "5"])
            try await eventually("ready", seen: { instance.logTail }) { await instance.isReady() }
            #expect(try await instance.get("/api/status").body.contains("from-environment"))
            let client = try await instance.enter("alice")
            client.say("123456")
            try await client.hearsError()
            await instance.kill9()
        }

        @Test("--health says whether the server of that configuration is ready")
        func health() async throws {
            let instance = try ChatInstance("server-health")
            let file = instance.directory.appendingPathComponent("config.json").path
            try await instance.start()
            let up = try await ServerRun.arguments(["--config", file, "--health"])
            #expect(up.status == .exited(0), "\(up)")
            await instance.kill9()
            let down = try await ServerRun.arguments(["--config", file, "--health"])
            #expect(down.isRefusal, "\(down)")
        }

        @Test("A port in use stops the start with one line that names it")
        func portInUse() async throws {
            let instance = try ChatInstance("server-first")
            try await instance.start()
            let run = try await ServerRun.settings(
                Settings.forTests.with(["port": .number(instance.port), "instance_name": "second"]))
            #expect(run.isRefusal, "\(run)")
            #expect(run.lines.filter { $0.contains("\(instance.port)") }.count == 1, "\(run)")
            await instance.kill9()
        }

        @Test("The log goes to log_file too, as JSON where asked for, and holds no message text")
        func logFile() async throws {
            let instance = try ChatInstance(
                "server-log", ["log_file": "chat.log", "log_format": "json", "log_level": "trace"])
            try await instance.start()
            let alice = try await instance.enter("alice")
            alice.say("a-secret-between-us")
            alice.send(#"{"type":"a-secret-type","content":"a-secret-between-us"}"#)
            try await alice.hearsError()
            try await alice.close()
            instance.signal(15)
            #expect(try await instance.exit() == .exited(0))
            let file = try String(contentsOf: instance.directory.appendingPathComponent("chat.log"), encoding: .utf8)
            let lines = file.split(separator: "\n")
            #expect(!lines.isEmpty)
            for line in lines {
                #expect(throws: Never.self, "\(line)") { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
            }
            #expect(!file.contains("a-secret-between-us") && !instance.output.contains("a-secret-between-us"))
        }

        @Test("Too many connections are answered with 503 and Retry-After, too many messages in words")
        func limits() async throws {
            let instance = try ChatInstance(
                "server-limits",
                ["max_connections": 2, "rate_limit_messages": 3, "rate_limit_window_seconds": 60])
            try await instance.start()
            let alice = try await instance.enter("alice")
            let bob = try await instance.enter("bob")
            try await alice.hears(notice: "bob joined the room global")
            do {
                _ = try await instance.client("carol")
                Issue.record("a third connection was accepted")
            } catch let refused as UpgradeRefused {
                #expect(refused.answer.status == 503)
                #expect(refused.answer["retry-after"].flatMap { Int($0) } != nil)
            }
            for number in 1...5 { alice.say("\(number)") }
            for number in 1...3 { #expect(try await bob.next().said == "\(number)") }
            try await alice.hearsError()
            try await alice.hearsError()
            // Other commands count as well.
            alice.send(#"{"type":"list_rooms"}"#)
            #expect(try await alice.next().notice?.hasPrefix("too many messages") == true)
            try await bob.isQuiet()
            // Room again after one has gone.
            try await bob.close()
            try await alice.hears(notice: "bob left the room")
            try await eventually("a free place") {
                guard let carol = try? await instance.client("carol") else { return false }
                try await carol.close()
                return true
            }
            await instance.kill9()
        }
    }
}
