#if os(Linux)
    import Foundation
    import NIOCore
    import Testing

    extension Integration {
        /// Sockets that ask for nothing, and servers with few descriptors.
        @Suite("Sockets", .serialized)
        struct Sockets {
            /// Takes notice of what comes and of the end.
            private struct Listener: StreamParser {
                let heard: Journal<String>

                mutating func consume(_ bytes: inout ByteBuffer, reply: (ByteBuffer) -> Void) {
                    heard.append(bytes.readString(length: bytes.readableBytes) ?? "")
                }

                mutating func end(rest: inout ByteBuffer, error: (any Error)?) { heard.finish() }
            }

            private func connect(_ instance: ChatInstance) async throws -> (ByteChannel, Journal<String>) {
                let heard = Journal<String>()
                return (try await ByteChannel.connect(port: instance.port) { Listener(heard: heard) }, heard)
            }

            private func silent(_ count: Int, at instance: ChatInstance) async throws -> [ByteChannel] {
                var channels: [ByteChannel] = []
                for _ in 0..<count { channels.append(try await connect(instance).0) }
                return channels
            }

            /// What one second costs, as a part of one processor.
            private func load(of instance: ChatInstance) async throws -> Double {
                let (start, before) = (ContinuousClock.now, try #require(instance.processorSeconds))
                try await Task.sleep(for: .seconds(1))
                let used = try #require(instance.processorSeconds) - before
                return used / ((ContinuousClock.now - start) / .seconds(1))
            }

            @Test("More silent connections than descriptors keep nobody away, store or health check")
            func silentConnections() async throws {
                let instance = try ChatInstance("server-few")
                try await instance.start(ulimit: "-n 300")
                let alice = try await instance.v2("alice")
                let channels = try await silent(350, at: instance)
                #expect(try await HTTPProbe.get(port: instance.port, "/healthz", within: .seconds(5)).status == 200)
                // The first message since the start: the log's file is opened for it.
                try await alice.join("global", history: 0)
                try await alice.say("stored")
                #expect(try await load(of: instance) < 0.3)
                #expect(try await HTTPProbe.get(port: instance.port, "/healthz", within: .seconds(5)).status == 200)
                try await alice.say("stored again")
                let evicted = try #require(try await instance.metric("chat_sockets_evicted_total"))
                #expect(evicted > 100)
                #expect(try #require(try await instance.metric("chat_sockets")) < 300)
                #expect(try await instance.metric("chat_accept_failures_total") == 0)
                let lines = instance.output.split(separator: "\n").filter { $0.contains("too many sockets") }
                #expect((1...2).contains(lines.count), "\(lines)")
                for channel in channels { await channel.close() }
                await instance.kill9()
            }

            @Test("Among as many silent connections NATS and Redis are found again when they have been away")
            func silentConnectionsInACluster() async throws {
                let nats = try NATSServer()
                let redis = try RedisServer()
                try await nats.start()
                try await redis.start()
                let instance = try ChatInstance(
                    "server-few", ["nats_url": .text(nats.url), "redis_url": .text(redis.url)])
                try await instance.start(ulimit: "-n 300")
                let alice = try await instance.enterV2("alice")
                let channels = try await silent(350, at: instance)
                await nats.kill9()
                await redis.kill9()
                try await eventually("it to miss them", equals: 503) { try await instance.readiness() }
                try await redis.start()
                try await nats.start()
                try await eventually("it to be ready again", within: .seconds(20), seen: { instance.logTail }) {
                    await instance.isReady()
                }
                try await alice.say("stored")
                let bob = try await instance.enterV2("bob")
                try await bob.close()
                for channel in channels { await channel.close() }
                await instance.kill9()
                await redis.kill9()
                await nats.kill9()
            }

            @Test("Where the system gives no more sockets, accepting pauses, is tried again, and told of now and then")
            func refusedBySystem() async throws {
                let instance = try ChatInstance("server-refused")
                try await instance.start()
                let pid = try #require(instance.pid)
                let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
                let directory = try ScratchDirectory.make("prlimit")
                func limit(_ descriptors: Int) async throws {
                    let child = try ChildProcess(
                        "prlimit", "prlimit", ["--pid", "\(pid)", "--nofile=\(descriptors):"], directory: directory,
                        log: directory.appendingPathComponent("log.txt"))
                    try #require(try await child.exit() == .exited(0), "\(child.logTail())")
                }
                try await limit(open + 5)
                let channels = try await silent(60, at: instance)
                try await eventually("accepting to fail", seen: { instance.logTail }) {
                    instance.output.contains("connections cannot be accepted; tried again")
                }
                #expect(try await load(of: instance) < 0.3)
                for channel in channels { await channel.close() }
                try await eventually("an answer", seen: { instance.logTail }) {
                    (try? await HTTPProbe.get(port: instance.port, "/healthz", within: .seconds(2)))?.status == 200
                }
                #expect(try #require(try await instance.metric("chat_accept_failures_total")) > 0)
                let lines = instance.output.split(separator: "\n").filter { $0.contains("cannot be accepted") }
                #expect((1...2).contains(lines.count), "\(lines)")
                await instance.kill9()
            }

            @Test("A request has to be complete within handshake_seconds, the first one and the next ones")
            func handshake() async throws {
                let instance = try ChatInstance("server-handshake", ["handshake_seconds": 1])
                try await instance.start()
                let request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                let (kept, answers) = try await connect(instance)
                kept.write(Array(request.utf8))
                _ = try await answers.first("an answer") { $0.hasSuffix("ok\n") }
                let (second, secondAnswers) = try await connect(instance)
                second.write(Array(request.utf8))
                _ = try await secondAnswers.first("an answer") { $0.hasSuffix("ok\n") }

                let (silent, nothing) = try await connect(instance)
                let (slow, nothingEither) = try await connect(instance)
                second.write(Array("GET /hea".utf8))
                slow.write(Array("GET /healthz HTTP/1.1\r\nX: ".utf8))
                try await eventually("the one that sends byte after byte to be closed", every: .milliseconds(50)) {
                    slow.write(Array("x".utf8))
                    return nothingEither.isFinished
                }
                try await eventually("the others to be closed") { nothing.isFinished && secondAnswers.isFinished }
                #expect(secondAnswers.all.joined().components(separatedBy: "HTTP/1.1 200").count == 2)
                #expect(nothing.all.isEmpty && nothingEither.all.isEmpty)
                #expect(try await instance.metric("chat_handshakes_timed_out_total") == 3)

                // One that has asked before and asks nothing now may stay.
                kept.write(Array(request.utf8))
                _ = try await answers.first("another answer") { $0.hasSuffix("ok\n") }
                for channel in [kept, second, silent, slow] { await channel.close() }
                await instance.kill9()
            }
        }
    }
#endif
