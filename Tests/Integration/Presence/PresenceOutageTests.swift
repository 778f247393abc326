import Domain
import Foundation
import NIOCore
import NIOPosix
import Service
import Synchronization
import Testing

@testable import InfrastructureRedis

extension Integration {
    /// What becomes of presence while Redis is away, empty, slow or refusing, and afterwards.
    @Suite("Presence while Redis is away, and afterwards", .serialized)
    struct PresenceOutageTests {
        @Test func `a Redis that was emptied is filled again`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { instance in
                    let alice = try await instance.claim("alice", "dev")
                    _ = try await instance.claim("bob")
                    try await redis.command("FLUSHALL")
                    try await eventuallyPresent("both are back") {
                        try await redis.members("active_users") == ["alice", "bob"]
                    }
                    #expect(try await redis.members("room:dev") == ["alice"])
                    #expect(try await redis.members("all_rooms") == ["dev", "global"])
                    await instance.store.release(alice)
                    #expect(try await instance.store.names() == ["bob"])
                    #expect(instance.observer.lost == [])
                }
            }
        }

        @Test func `while Redis is away all is refused at once, and a restarted one is filled again`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { instance in
                    let alice = try await instance.claim("alice")
                    let bob = try await instance.claim("bob")
                    redis.stop()
                    try await eventuallyPresent("the loss is noticed") { !instance.store.isReachable }

                    let clock = ContinuousClock()
                    let duration = await clock.measure {
                        let claim = await #expect(throws: ChatError.self) { try await instance.claim("carol") }
                        #expect(claim?.code == .unavailable)
                        let move = await #expect(throws: ChatError.self) {
                            try await instance.store.move(alice, leaving: [.global], entering: try RoomName("dev"))
                        }
                        #expect(move?.code == .unavailable)
                        let list = await #expect(throws: ChatError.self) {
                            try await instance.store.users(in: nil, ListRange())
                        }
                        #expect(list?.code == .unavailable)
                        await instance.store.release(bob)
                    }
                    #expect(duration < .seconds(1))

                    try redis.start()
                    try await instance.store.waitUntilReady(within: .seconds(10))
                    #expect(try await instance.store.names() == ["alice"])
                    #expect(try await instance.store.roomLines() == ["global: 1"])
                    #expect(instance.observer.lost == [])
                }
            }
        }

        @Test func `a Redis that comes back with what it knew earlier is brought up to date`() async throws {
            try await PresenceRedis.with { redis in
                // The lease is in the snapshot and still good: nothing but the reconnect shows that something happened.
                try await PresenceInstance.with(redis.url, lifetime: .seconds(60)) { instance in
                    let alice = try await instance.claim("alice")
                    let carol = try await instance.claim("carol")
                    try await redis.command("SAVE")
                    await instance.store.release(alice)
                    _ = try await instance.claim("bob", "dev")
                    try await instance.store.move(carol, leaving: [.global], entering: try RoomName("ops"))
                    redis.stop()
                    try await eventuallyPresent("the loss is noticed") { !instance.store.isReachable }
                    try redis.start()
                    try await instance.store.waitUntilReady(within: .seconds(10))
                    #expect(try await instance.store.names() == ["bob", "carol"])
                    #expect(try await instance.store.roomLines() == ["dev: 1", "ops: 1"])
                    #expect(instance.observer.departed == [] && instance.observer.lost == [])
                }
            }
        }

        @Test func `a Redis that forgot the scripts gets them again`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { instance in
                    let alice = try await instance.claim("alice")
                    try await redis.command("SCRIPT", "FLUSH")
                    try await instance.store.move(alice, leaving: [.global], entering: try RoomName("dev"))
                    try await redis.command("SCRIPT", "FLUSH")
                    await instance.store.release(alice)
                    #expect(try await instance.store.names() == [])
                }
            }
        }

        @Test func `what a hanging Redis was told is settled when it goes on`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url, timeout: .milliseconds(300)) { instance in
                    let moving = try await instance.claim("moving", "dev")
                    let leaving = try await instance.claim("leaving", "dev")
                    redis.freeze()
                    async let release: Void = instance.store.release(leaving)
                    async let claim = failure { _ = try await instance.claim("ghost") }
                    async let move = failure {
                        try await instance.store.move(moving, leaving: [try RoomName("dev")], entering: .global)
                    }
                    #expect(await claim?.code == .unavailable)
                    #expect(await move?.code == .unavailable)
                    await release

                    // All three commands are in a socket of Redis's and will be carried out, early or late.
                    redis.thaw()
                    try await eventuallyPresent("presence is settled") { instance.store.isReachable }
                    #expect(try await instance.store.names() == ["moving"])
                    #expect(try await instance.store.roomLines() == ["dev: 1"])
                    _ = try await instance.claim("ghost")
                    _ = try await instance.claim("leaving")
                }
            }
        }

        @Test func `a server that accepts and never answers holds nobody up`() async throws {
            let group = presenceLoops
            let listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: "127.0.0.1", port: try freeLoopbackPort()).get()
            let port = try #require(listener.localAddress?.port)
            try await PresenceInstance.with(
                "redis://127.0.0.1:\(port)", timeout: .milliseconds(300), ready: false
            ) { instance in
                let duration = try await ContinuousClock().measure {
                    let error = await #expect(throws: RedisUnreachable.self) {
                        try await instance.store.waitUntilReady(within: .milliseconds(700))
                    }
                    let text = try #require(error?.description)
                    #expect(text == "Redis at 127.0.0.1:\(port) cannot be reached: no reply in time")
                    let claim = await #expect(throws: ChatError.self) { try await instance.claim("alice") }
                    #expect(claim?.code == .unavailable)
                }
                #expect(duration < .seconds(5))
            }
            try await listener.close()
        }

        @Test func `nobody listening is said in one line`() async throws {
            let port = try freeLoopbackPort()
            try await PresenceInstance.with("redis://127.0.0.1:\(port)", ready: false) { instance in
                let error = await #expect(throws: RedisUnreachable.self) {
                    try await instance.store.waitUntilReady(within: .milliseconds(300))
                }
                #expect(error?.description == "Redis at 127.0.0.1:\(port) cannot be reached: connection refused")
            }
        }

        @Test func `a password is used, and its lack is said without it`() async throws {
            try await PresenceRedis.with(password: "s3cr3t") { redis in
                try await PresenceInstance.with(redis.url + "/3") { instance in
                    _ = try await instance.claim("alice")
                    #expect(try await instance.store.names() == ["alice"])
                    #expect(try await redis.keys() == [])
                }
                let wrong = "redis://:wr0ng@127.0.0.1:\(redis.port)"
                try await PresenceInstance.with(wrong, ready: false) { instance in
                    let error = await #expect(throws: RedisUnreachable.self) {
                        try await instance.store.waitUntilReady(within: .milliseconds(500))
                    }
                    let text = try #require(error?.description)
                    #expect(text.contains("WRONGPASS"))
                    #expect(!text.contains("wr0ng"))
                }
            }
        }
    }
}

private func failure(_ body: () async throws -> Void) async -> ChatError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? ChatError
    }
}
