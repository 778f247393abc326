import Domain
import Foundation
import InfrastructureEmbedded
import NIOPosix
import Service
import Testing

@testable import InfrastructureRedis

/// The stores that the suite is run against.
enum RevocationAdapter: CaseIterable, CustomTestStringConvertible {
    case embedded, redis

    var testDescription: String { "\(self)" }

    /// - Parameter body: is given a function that opens the store, as an instance does at its start.
    func with(
        _ body: (_ open: @Sendable () async throws -> any RevocationStore) async throws -> Void
    ) async throws {
        switch self {
        case .embedded:
            let directory = try ScratchDirectory.make("revocations").path
            try await body { try EmbeddedRevocationStore(directory: directory, time: .system) }
        case .redis:
            try await PresenceRedis.with { redis in
                let url = redis.url
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let stores = AsyncStream.makeStream(of: RedisRevocationStore.self)
                    group.addTask {
                        await withDiscardingTaskGroup { running in
                            for await store in stores.stream { running.addTask { await store.run() } }
                        }
                    }
                    try await body {
                        let store = RedisRevocationStore(
                            url: try RedisURL(url), keyPrefix: "test:",
                            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, time: .system, logger: .silent)
                        stores.continuation.yield(store)
                        try await eventuallyPresent("a connection") { (try? await store.version()) != nil }
                        return store
                    }
                    group.cancelAll()
                }
            }
        }
    }
}

extension Integration {
    @Suite("Stores of revocations", .serialized)
    struct RevocationStores {
        private func entry(_ id: String, seconds: Int64 = 3600) -> RevocationEntry {
            RevocationEntry(
                .token(id: ExactText(id)),
                until: Timestamp(millisecondsSince1970: Timestamp.now.millisecondsSince1970 + seconds * 1000))
        }

        @Test("What was added is there, for whoever opens the store later, too", arguments: RevocationAdapter.allCases)
        func added(_ adapter: RevocationAdapter) async throws {
            try await adapter.with { open in
                let store = try await open()
                #expect(try await store.load().entries == [])
                let all = [
                    entry("t1"), entry("odd \n\0é %"),
                    RevocationEntry(
                        .tokens(of: try Username("日本"), issuedBefore: -5), until: entry("x", seconds: 60).until),
                ]
                try await store.add([all[0]])
                try await store.add([all[1], all[2]])
                #expect(Set(try await store.load().entries) == Set(all))
                #expect(Set(try await open().load().entries) == Set(all))
            }
        }

        @Test(
            "The mark is another one after each change, and the same as long as there is none",
            arguments: RevocationAdapter.allCases)
        func mark(_ adapter: RevocationAdapter) async throws {
            try await adapter.with { open in
                let store = try await open()
                var seen: Set<String> = [try await store.version()]
                for number in 0..<5 {
                    try await store.add([entry("t\(number)")])
                    let version = try await store.version()
                    #expect(seen.insert(version).inserted)
                    #expect(try await store.version() == version)
                    #expect(try await store.load().version == version)
                }
            }
        }

        @Test("Of two times the longer one is kept", arguments: RevocationAdapter.allCases)
        func longer(_ adapter: RevocationAdapter) async throws {
            try await adapter.with { open in
                let store = try await open()
                let (short, long) = (entry("t1", seconds: 60), entry("t1", seconds: 6000))
                for entry in [short, long, short] { try await store.add([entry]) }
                #expect(try await store.load().entries == [long])
            }
        }

        @Test("Thousands are read whole", arguments: RevocationAdapter.allCases)
        func many(_ adapter: RevocationAdapter) async throws {
            try await adapter.with { open in
                let store = try await open()
                let all = (0..<12_001).map { entry("t\($0)") }
                try await store.add(all)
                #expect(Set(try await store.load().entries) == Set(all))
            }
        }

        @Test("Redis forgets what is over, and keeps its keys no longer than that")
        func expiry() async throws {
            try await PresenceRedis.with { redis in
                let store = RedisRevocationStore(
                    url: try RedisURL(redis.url), keyPrefix: "p:",
                    eventLoopGroup: MultiThreadedEventLoopGroup.singleton, time: .system, logger: .silent)
                let running = Task { await store.run() }
                try await eventuallyPresent("a connection") { (try? await store.version()) != nil }
                try await store.add([entry("over", seconds: -1), entry("t1", seconds: 60)])
                try await store.add([entry("t2", seconds: 30)])
                #expect(try await redis.keys() == ["p:revocations", "p:revocations:version"])
                #expect(try await redis.command("ZCARD", "p:revocations") == .integer(2))
                for key in try await redis.keys() {
                    let left = try await redis.command("PTTL", key).number()
                    #expect((50_000...61_000).contains(left), "\(key)")
                }
                running.cancel()
                await running.value
            }
        }
    }
}
