import Foundation
import NIOCore
import Testing
import Wire

extension Integration {
    /// Mutated sequences of legal frames and requests, beside honest clients. `scripts/fuzz --live` runs it for longer, with
    /// another seed.
    @Suite("Mutated traffic", .serialized, .embedded(["grace_seconds": 1]))
    struct MutatedTrafficTests {
        private struct Sink: StreamParser {
            let heard: Journal<Void>

            mutating func consume(_ bytes: inout ByteBuffer, reply: (ByteBuffer) -> Void) { bytes.clear() }
            mutating func end(rest: inout ByteBuffer, error: (any Error)?) { heard.finish() }
        }

        private static func setting<Value: LosslessStringConvertible>(_ name: String, or value: Value) -> Value {
            ProcessInfo.processInfo.environment[name].flatMap { Value($0) } ?? value
        }

        @Test("The server lives, honest clients hear every message in order, and memory is bounded")
        func mutatedTraffic() async throws {
            let seed: UInt64 = Self.setting("CHAT_FUZZ_SEED", or: 15)
            let limit = Duration.seconds(Self.setting("CHAT_FUZZ_SECONDS", or: 8))
            let server = try Cluster.current[0]
            print("mutated traffic: CHAT_FUZZ_SEED=\(seed)")
            var traffic = MutatedTraffic(seed: seed)
            let (speaker, listener) = (
                try await server.enter("alice", room: "honest"), try await server.enter("bob", room: "honest")
            )
            try await speaker.hears(notice: "bob joined the room honest")
            let reader = try await server.enterV2("carol", "honest")
            for client in [speaker, listener] { try await client.hears(notice: "carol joined the room honest") }
            let before = try #require(server.residentBytes)
            let start = ContinuousClock.now
            var burst = 0
            while ContinuousClock.now - start < limit {
                burst += 1
                let visits = (0..<20).map { _ in traffic.visit() }
                try await withThrowingTaskGroup { group in
                    for visit in visits { group.addTask { try await pay(visit, to: server) } }
                    try await group.waitForAll()
                }
                try #require(server.isRunning, "the server has ended: seed \(seed), burst \(burst)\n\(server.logTail)")
                speaker.say("message \(burst)")
                let heard = try await listener.next("bob to hear message \(burst) of seed \(seed)") { _ in false }
                #expect(heard.said == "message \(burst)", "seed \(seed), burst \(burst)")
                try await reader.hears("message \(burst)", from: "alice", in: "honest")
            }
            print("mutated traffic: \(burst * 20) connections in \(limit)")
            try await eventually("all hostile connections to be gone") {
                try await server.metric("chat_connections") == 3
            }
            let growth = try #require(server.residentBytes) - before
            #expect(growth < 96 << 20, "\(growth >> 20) MiB more, with seed \(seed)")
        }

        private func pay(_ visit: MutatedTraffic.Visit, to server: ChatInstance) async throws {
            let ended = Journal<Void>()
            let channel = try await ByteChannel.connect(port: server.port) { Sink(heard: ended) }
            // The server may close before it has everything.
            for piece in visit.pieces { try? await channel.writeThrough(piece) }
            switch visit.end {
            case .halfClosed:
                try? await channel.closeOutput()
                try await eventually("the server to end a connection on which nothing more comes", within: .seconds(20))
                {
                    ended.isFinished
                }
                await channel.close()
            case .dropped: await channel.close()
            case .reset: try? await channel.reset()
            }
        }
    }
}
