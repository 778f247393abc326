import Domain
import Foundation
import Service
import Testing

@testable import InfrastructureConfiguration
@testable import InfrastructureRedis

extension Measurements {
    /// What lists cost: figures for people, in docs/performance.md.
    @Suite(.serialized)
    struct PresenceList {
        private static let rounds = 50

        /// In microseconds.
        private func median(_ rounds: Int = rounds, _ body: (Int) async throws -> Void) async throws -> Double {
            var times: [Double] = []
            for round in 0..<rounds {
                let start = ContinuousClock.now
                try await body(round)
                times.append((ContinuousClock.now - start) / .microseconds(1))
            }
            return times.sorted()[rounds / 2]
        }

        private func bytes(_ redis: PresenceRedis, _ key: String) async throws -> Int {
            try await redis.command("MEMORY", "USAGE", key, "SAMPLES", "0").number()
        }

        @Test func `lists of a hundred thousand users and ten thousand rooms`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.withQuiet(redis) { instance in
                    try await redis.fill(users: 100_000, rooms: 10_000, indexed: true)
                    let store = instance.store
                    let page = try await median { round in
                        _ = try await store.users(in: nil, ListRange(after: "user-\(round * 1999)"))
                    }
                    let all = try await median { _ in _ = try await redis.command("SMEMBERS", "active_users") }
                    let rooms = try await median { round in
                        _ = try await store.rooms(ListRange(after: "room-\(round * 199)"))
                    }
                    try await redis.command("CONFIG", "RESETSTAT")
                    _ = try await median { _ in
                        _ = try await redis.command("SMEMBERS", "active_users")
                        _ = try await store.users(in: nil, ListRange(after: "user-5"))
                    }
                    let statistics = try await redis.command("INFO", "commandstats").text().split(separator: "\r\n")
                    let rebuild = try await median(20) { round in
                        try await redis.command("SADD", "active_users", "gopher-\(round)")
                        _ = try await store.users(in: nil, ListRange())
                    }
                    print("a page of 1000 of 100,000 users: \(page) µs; all by SMEMBERS: \(all) µs; 1 : \(all / page)")
                    print("a page of 1000 of 10,000 rooms: \(rooms) µs")
                    print("a page of 1000 users for which the index is made anew: \(rebuild) µs")
                    for line in statistics where line.contains("smembers") || line.contains("evalsha") { print(line) }
                    for key in [
                        "active_users", "lease:index:users", "all_rooms", "lease:index:rooms", "room:room-1",
                        "lease:index:room:room-1",
                    ] {
                        print("\(key): \(try await bytes(redis, key)) bytes")
                    }
                }
            }
        }
    }
}
