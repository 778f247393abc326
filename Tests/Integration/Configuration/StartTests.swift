import Foundation
import Testing

extension Integration {
    /// What an instance does when it meets a NATS or Redis that it cannot use.
    @Suite("Starting", .serialized)
    struct Starting {
        /// Starts real NATS and Redis, and stops them afterwards.
        private func withBacking(
            jetStream: Bool = true, _ body: (NATSServer, RedisServer, Settings) async throws -> Void
        ) async throws {
            let nats = try NATSServer(jetStream: jetStream)
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

        @Test("A NATS without JetStream stops the start with one line")
        func noJetStream() async throws {
            try await withBacking(jetStream: false) { _, _, settings in
                expectOneLine(try await ServerRun.settings(settings), ["jetstream"])
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
