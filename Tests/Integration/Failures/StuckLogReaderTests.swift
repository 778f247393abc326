import Foundation
import Testing
import Wire

extension Integration {
    /// Standard error is a full pipe that nobody reads, from the start on.
    @Suite("A log reader that stands still", .serialized)
    struct StuckLogReader {
        private func log(_ instance: ChatInstance) -> String {
            let file = instance.directory.appendingPathComponent("chat.log")
            return (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        }

        @Test("SIGTERM ends the server in good order, and log_file has every line")
        func terminates() async throws {
            let pipe = try FullPipe()
            let instance = try ChatInstance("server-stuck", ["log_file": "chat.log", "log_level": "trace"])
            try await instance.start(errors: pipe.output)
            let alice = try await instance.enterV2("alice")
            try await alice.say("said while nobody reads")
            instance.signal(SIGTERM)
            _ = try await alice.first("the goodbye") { if case .reconnect = $0.event { true } else { false } }
            #expect(try await instance.exit() == .exited(0))
            for line in ["serving", "stopping", "drained", "stopped"] {
                #expect(log(instance).contains(" notice \(line) "), "\(log(instance).suffix(2_000))")
            }
        }

        @Test("A second SIGTERM ends it at once")
        func terminatesAtOnce() async throws {
            let pipe = try FullPipe()
            let instance = try ChatInstance("server-stuck", ["drain_seconds": 600])
            try await instance.start(errors: pipe.output)
            var crowd: [V2Client] = []
            for number in 0..<3 { crowd.append(try await instance.v2("user\(number)")) }
            instance.signal(SIGTERM)
            try await eventually("it to drain", equals: 503) { try await instance.readiness() }
            instance.signal(SIGTERM)
            #expect(try await instance.exit(within: .seconds(5)) == .exited(1))
        }

        @Test("Requests are answered while the disk is full")
        func fullDisk() async throws {
            let pipe = try FullPipe()
            let instance = try ChatInstance("server-stuck")
            // In blocks of 512 or 1,024 bytes, as the shell likes it.
            try await instance.start(ulimit: "-f 64", errors: pipe.output)
            let alice = try await instance.v2("alice")
            var refusals = 0
            for _ in 0..<40 {
                let content = String(repeating: "x", count: 8_000)
                let ref = alice.send(.chatMessage(content: content, room: nil, id: nil))
                let answer = try await alice.first("an answer to \(ref)") { $0.ref == ref }
                if case .error = answer.event { refusals += 1 }
            }
            #expect(refusals > 0)
            #expect(try await instance.get("/healthz").status == 200)
            await instance.kill9()
        }

        @Test("A NATS that comes back is used again")
        func natsRestarted() async throws {
            let pipe = try FullPipe()
            let nats = try NATSServer()
            let redis = try RedisServer()
            try await nats.start()
            try await redis.start()
            let instance = try ChatInstance(
                "server-stuck", ["nats_url": .text(nats.url), "redis_url": .text(redis.url), "log_level": "trace"])
            try await instance.start(errors: pipe.output)
            let alice = try await instance.enterV2("alice")
            try await alice.say("before")
            await nats.kill9()
            try await eventually("it to miss NATS", equals: 503) { try await instance.readiness() }
            try await nats.start()
            try await eventually("it to be ready again", within: .seconds(20)) { await instance.isReady() }
            try await alice.say("after")
            // What the server had queued comes now.
            var lines = ""
            try await eventually("the lines to flow again", seen: { String(lines.suffix(2_000)) }) {
                lines += pipe.drain()
                return lines.contains("NATS is back")
            }
            await instance.kill9()
            await redis.kill9()
            await nats.kill9()
        }

        @Test("What is lost is counted, and told of when lines flow again")
        func counted() async throws {
            let pipe = try FullPipe()
            // Which leaves no line out that comes too often.
            let instance = try ChatInstance("server-stuck", ["log_level": "debug"])
            try await instance.start(errors: pipe.output)
            #expect(try await instance.metric("chat_log_lines_dropped_total") == 0)
            // Each is a line.
            try await eventually("lines to be lost", within: .seconds(90)) {
                for _ in 0..<1_000 { instance.signal(SIGUSR1) }
                return try #require(try await instance.metric("chat_log_lines_dropped_total")) > 0
            }
            var lines = ""
            try await eventually("the loss to be told of", seen: { String(lines.suffix(2_000)) }) {
                lines += pipe.drain()
                return lines.contains("warning log lines were dropped instance=server-stuck lines=")
            }
            #expect(instance.isRunning)
            await instance.kill9()
        }

        @Test(
            "Without standard streams nothing else gets what is logged, and signals come through",
            arguments: ["2>&-", "1>&- 2>&-", "0<&- 2>&-", "0<&- 1>&- 2>&-"])
        func noStandardStreams(redirections: String) async throws {
            let instance = try ChatInstance("server-mute", ["log_file": "chat.log"])
            try await instance.start(redirections: redirections)
            let alice = try await instance.enterV2("alice")
            try await alice.say("nobody hears the log")
            #if os(Linux)
                let pid = try #require(instance.pid)
                for number in "012" where redirections.contains(number) {
                    let stream = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\(number)")
                    #expect(stream == "/dev/null")
                }
            #endif
            #expect(try await instance.metric("chat_log_lines_dropped_total") == 0)
            instance.signal(SIGTERM)
            #expect(try await instance.exit() == .exited(0))
            #expect(!log(instance).contains("a signal without a meaning"))
        }

        @Test("A start that fails ends, though nobody reads why")
        func failsToStart() async throws {
            let pipe = try FullPipe()
            let instance = try ChatInstance("server-stuck", ["log_level": "nonsense"])
            let child = try instance.launch(errors: pipe.output)
            #expect(try await child.exit() == .exited(1))
        }
    }
}
