import Foundation
import Testing
import Wire

extension Integration {
    /// What an instance does when it meets a NATS or Redis that it cannot use.
    @Suite("Starting", .serialized)
    struct Starting {
        /// Starts real NATS and Redis, and stops them afterwards.
        private func withBacking(
            jetStream: Bool = true, nats configuration: String = "",
            _ body: (NATSServer, RedisServer, Settings) async throws -> Void
        ) async throws {
            let nats = try NATSServer(jetStream: jetStream, configuration: configuration)
            let redis = try RedisServer()
            try await nats.start()
            try await redis.start()
            let settings = Settings.forTests.with([
                "port": .number(try FreePort.pick()), "nats_url": .text(nats.url), "redis_url": .text(redis.url),
                "startup_timeout_seconds": 5,
            ])
            do {
                try await body(nats, redis, settings)
            } catch {
                await nats.kill9()
                await redis.kill9()
                throw error
            }
            await nats.kill9()
            await redis.kill9()
        }

        private func expectOneLine(_ run: ServerRun, _ words: [String]) {
            #expect(run.isRefusal, "\(run)")
            // Warnings while it waits may come before; the verdict is one line, the last.
            #expect(run.lines.filter { $0.hasPrefix("server: ") }.count == 1, "\(run)")
            let verdict = run.lines.last?.lowercased() ?? ""
            #expect(verdict.hasPrefix("server: ") && words.allSatisfy { verdict.contains($0.lowercased()) }, "\(run)")
        }

        /// What cannot get better by waiting is not waited for.
        private func expectAtOnce(_ settings: Settings, _ words: [String]) async throws {
            let start = ContinuousClock.now
            expectOneLine(
                try await ServerRun.settings(settings.with(["startup_timeout_seconds": 60])), words + ["NATS at"])
            #expect(ContinuousClock.now - start < .seconds(15))
        }

        @Test("A NATS without JetStream stops the start at once with one line")
        func noJetStream() async throws {
            try await withBacking(jetStream: false) { _, _, settings in
                try await expectAtOnce(settings, ["has no JetStream"])
            }
        }

        @Test("A NATS that refuses for good stops the start at once with one line", arguments: UnfitNATS.all)
        func unfit(_ unfit: UnfitNATS) async throws {
            try await withBacking(nats: unfit.configuration) { nats, _, settings in
                if let make = unfit.stream {
                    let peer = try await NATSPeer.connect(port: nats.port)
                    for (subject, request) in make {
                        let made = try await peer.request(subject, request)
                        try #require(!made.contains("\"error\""), "\(made)")
                    }
                    await peer.close()
                }
                var url = nats.url
                if let user = unfit.user { url = "nats://\(user)@127.0.0.1:\(nats.port)" }
                try await expectAtOnce(
                    settings.with(["nats_url": .text(url)]).with(unfit.settings), unfit.words)
            }
        }

        @Test("A user with the rights that the manual lists, and a password full of special characters, is enough")
        func rights() async throws {
            let configuration = """
                authorization {
                  users: [ { user: chat, password: "p/@:%s,", permissions: {
                    publish: [ "chat.>", "$JS.API.>" ]
                    subscribe: [ "chat.>", "_INBOX.>", "$JS.EVENT.ADVISORY.STREAM.*.CHAT", "$JS.EVENT.ADVISORY.STREAM.*.INBOX" ]
                  } } ]
                }
                """
            try await withBacking(nats: configuration) { nats, _, settings in
                let instance = try ChatInstance(
                    "server-rights",
                    settings.with(["nats_url": .text("nats://chat:p%2F%40%3A%25s%2C@127.0.0.1:\(nats.port)")])
                        .filter { $0.key != "port" })
                try await instance.start()
                let alice = try await instance.enterV2("alice", "dev")
                let bob = try await instance.enterV2("bob", "dev")
                try await alice.seesJoined("bob", "dev", members: 2)
                try await alice.say("hello", in: "dev")
                try await bob.hears("hello", from: "alice", in: "dev")
                try await alice.tell("bob", "psst")
                #expect(try await bob.inbox().messages.map(\.content) == ["psst"])
                #expect(!instance.output.contains("NATS reports a problem"), "\(instance.logTail)")
                #expect(!instance.output.contains("p/@"))
                await instance.kill9()
            }
        }

        @Test("What answers and is no NATS is called that, at once")
        func otherServer() async throws {
            try await withBacking { nats, redis, settings in
                let words = ["127.0.0.1:\(redis.port)", "answers, but not as a NATS server"]
                try await expectAtOnce(settings.with(["nats_url": .text("nats://127.0.0.1:\(redis.port)")]), words)
                // The HTTP port of the right server is a likely mistake.
                try await expectAtOnce(
                    settings.with(["nats_url": .text("nats://127.0.0.1:\(nats.monitorPort)")]), ["not as a NATS server"]
                )
            }
        }

        @Test("What takes connections and says nothing is waited for, and called that")
        func silentServer() async throws {
            try await withBacking { _, _, settings in
                let silent = try await SilentServer.start()
                expectOneLine(
                    try await ServerRun.settings(
                        settings.with([
                            "nats_url": .text("nats://127.0.0.1:\(silent.port)"), "startup_timeout_seconds": 1,
                        ])), ["says nothing", "\(silent.port)"])
                await silent.stop()
            }
        }

        @Test("A stream that was made without republishing stops the start with one line that says what to do")
        func noRepublish() async throws {
            try await withBacking { nats, _, settings in
                let peer = try await NATSPeer.connect(port: nats.port)
                let made = try await peer.request(
                    "$JS.API.STREAM.CREATE.CHAT", #"{"name":"CHAT","subjects":["chat.room.*"],"storage":"file"}"#)
                try #require(!made.contains("\"error\""), "\(made)")
                expectOneLine(try await ServerRun.settings(settings), ["CHAT", "republish"])
                await peer.close()
            }
        }

        @Test("An existing stream keeps its messages and gets the retention that is configured")
        func retention() async throws {
            try await withBacking { nats, _, settings in
                let peer = try await NATSPeer.connect(port: nats.port)
                for (messages, days) in [(1_000, 7), (500, 3)] {
                    let instance = try ChatInstance(
                        "server-retention",
                        settings.with([
                            "retention_messages_per_room": .number(messages), "retention_days": .number(days),
                        ]).filter { $0.key != "port" })
                    try await instance.start()
                    let info = try await StreamInfo.of("CHAT", peer)
                    #expect(info.config.max_msgs_per_subject == messages)
                    #expect(info.config.max_age == days * 86_400 * 1_000_000_000)
                    #expect(info.state.messages == (messages == 500 ? 1 : 0))
                    let alice = try await instance.enter("alice")
                    alice.say("stored")
                    try await eventually("the message to be stored") {
                        try await StreamInfo.of("CHAT", peer).state.messages == (messages == 500 ? 2 : 1)
                    }
                    await alice.drop()
                    instance.signal(15)
                    #expect(try await instance.exit() == .exited(0))
                }
                await peer.close()
            }
        }

        @Test("NATS or Redis that is not there stops the start, after the time for it, with one line")
        func unreachable() async throws {
            try await withBacking { nats, redis, settings in
                let shortly = settings.with(["startup_timeout_seconds": 1])
                await nats.kill9()
                expectOneLine(try await ServerRun.settings(shortly), ["nats", "\(nats.port)"])
                try await nats.start()
                await redis.kill9()
                expectOneLine(try await ServerRun.settings(shortly), ["redis", "\(redis.port)"])
            }
        }

        @Test("A Redis that refuses for good stops the start at once, with one line")
        func refusingRedis() async throws {
            try await withBacking { _, redis, settings in
                let run = try await ServerRun.settings(
                    settings.with([
                        "redis_url": .text("redis://:s3cret@127.0.0.1:\(redis.port)"), "startup_timeout_seconds": 3600,
                    ]))
                expectOneLine(run, ["redis", "\(redis.port)", "AUTH"])
                #expect(!run.output.contains("s3cret"), "\(run)")
            }
        }

        @Test("SIGTERM while it waits for a Redis that says nothing ends it soon, with exit code 0")
        func stoppedWhileWaiting() async throws {
            try await withBacking { _, _, settings in
                let silent = try await SilentServer.start()
                let instance = try ChatInstance(
                    "server-waiting",
                    settings.with([
                        "redis_url": .text("redis://127.0.0.1:\(silent.port)"), "startup_timeout_seconds": 60,
                    ]).filter { $0.key != "port" })
                try instance.launch()
                try await eventually("a connection to Redis", seen: { instance.logTail }) { silent.connections > 0 }
                instance.signal(SIGTERM)
                #expect(try await instance.exit(within: .seconds(10)) == .exited(0))
                #expect(!instance.output.contains("server: "), "\(instance.logTail)")
                await silent.stop()
            }
        }

        @Test("An instance that is started before its NATS and Redis waits for them")
        func startedFirst() async throws {
            let nats = try NATSServer()
            let redis = try RedisServer()
            let instance = try ChatInstance(
                "server-early",
                ["nats_url": .text(nats.url), "redis_url": .text(redis.url), "startup_timeout_seconds": 20])
            try instance.launch()
            try await redis.start()
            try await nats.start()
            try await eventually("ready", within: .seconds(20), seen: { instance.logTail }) { await instance.isReady() }
            let alice = try await instance.enter("alice")
            try await alice.isQuiet()
            await instance.kill9()
            await nats.kill9()
            await redis.kill9()
        }
    }
}

/// A NATS that can never be used as it is, and words that the line about it has.
struct UnfitNATS: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var configuration = ""
    /// Requests that make what is wrong; nil: the configuration does.
    var stream: [(subject: String, request: String)]?
    /// As it stands in the URL.
    var user: String?
    var settings: Settings = [:]
    let words: [String]

    private static func chat(_ more: String) -> String {
        #"{"name":"CHAT","subjects":["chat.room.*"],"storage":"file",\#(more),"#
            + #""republish":{"src":"chat.room.*","dest":"chat.live.{{wildcard(1)}}"}}"#
    }

    private static func user(_ permissions: String) -> String {
        "authorization { users: [ { user: chat, password: right, permissions: { \(permissions) } } ] }"
    }

    static let all: [UnfitNATS] = [
        UnfitNATS(
            testDescription: "max_payload is too small", configuration: "max_payload: 8192",
            words: ["max_payload is 8192 bytes", "max_message_bytes (16384)"]),
        UnfitNATS(
            testDescription: "max_payload is too small for the worst only", configuration: "max_payload: 32768",
            settings: ["max_message_bytes": 32_768], words: ["max_payload is 32768 bytes"]),
        UnfitNATS(
            testDescription: "max_msg_size is too small",
            stream: [("$JS.API.STREAM.CREATE.CHAT", chat(#""max_msg_size":1000"#))],
            words: ["max_msg_size of stream CHAT is 1000 bytes", "max_message_bytes (16384)"]),
        UnfitNATS(
            testDescription: "the stream is sealed",
            stream: [
                ("$JS.API.STREAM.CREATE.CHAT", chat(#""sealed":false"#)),
                ("$JS.API.STREAM.UPDATE.CHAT", chat(#""sealed":true"#)),
            ],
            words: ["stream CHAT", "sealed"]),
        UnfitNATS(
            testDescription: "the stream confirms nothing",
            stream: [("$JS.API.STREAM.CREATE.CHAT", chat(#""no_ack":true"#))], words: ["stream CHAT", "no_ack"]),
        UnfitNATS(
            testDescription: "more replicas than servers", settings: ["stream_replicas": 3],
            words: ["stream_replicas is 3"]),
        UnfitNATS(
            testDescription: "an account without room for two streams",
            configuration: """
                accounts { A { jetstream { max_streams: 1 }, users: [ { user: a, password: a } ] } }
                no_auth_user: a
                """, words: ["stream INBOX", "limits"]),
        UnfitNATS(
            testDescription: "an account without JetStream",
            configuration: "accounts { A { users: [ { user: a, password: a } ] } }\nno_auth_user: a",
            words: ["has no JetStream"]),
        UnfitNATS(
            testDescription: "a wrong password", configuration: user("publish: \">\""), user: "chat:wrong",
            words: ["authorization violation"]),
        UnfitNATS(
            testDescription: "no right to ask for streams",
            configuration: user("publish: \"chat.>\", subscribe: \">\""), user: "chat:right",
            words: ["does not permit", "$JS.API"]),
        UnfitNATS(
            testDescription: "no right to store messages",
            configuration: user("publish: [ \"$JS.API.>\", \"chat.making.>\" ], subscribe: \">\""), user: "chat:right",
            words: ["does not permit", "chat."]),
        UnfitNATS(
            testDescription: "no right to hear messages",
            configuration: user("publish: \">\", subscribe: [ \"_INBOX.>\", \"chat.making.>\", \"$JS.EVENT.>\" ]"),
            user: "chat:right", words: ["does not permit", "chat."]),
    ]
}
