import Domain
import Testing

@testable import Service
@testable import SteppedService

/// What administrators do, on one instance.
struct ChatServiceAdministrationTests {
    private let alice: Username

    init() throws { alice = try Username("alice") }

    private func open(
        _ chat: ChatFixture, as principal: Principal = .open
    ) async throws -> (Session, FakeConnection) {
        let connection = chat.edge.connection()
        let session = try await chat.service.open(
            SessionRequest(alice, principal: principal, entering: .global, resumption: .possible(presenting: nil)),
            through: connection)
        return (session, connection)
    }

    private func token(_ id: String, expiresAt: Timestamp? = nil) -> Principal {
        Principal(username: alice, kind: .token, tokenID: id, issuedAt: 100, expiresAt: expiresAt)
    }

    @Test func `a session that is ended does not wait for its client`() async throws {
        let chat = ChatFixture()
        let (session, connection) = try await open(chat)
        try chat.service.disconnect(alice, reason: "enough")
        try await chat.ports.settle()
        #expect(connection.ending == .disconnected("enough"))
        await chat.service.close(session, isGoodbye: false)
        #expect(chat.service.detachedSessionCount == 0)
        try await chat.expectEmpty()
    }

    @Test func `one that is waiting for its client ends, too`() async throws {
        let chat = ChatFixture()
        let (session, _) = try await open(chat)
        await chat.service.close(session, isGoodbye: false)
        #expect(chat.service.detachedSessionCount == 1)
        try chat.service.disconnect(alice, reason: "enough")
        try await chat.ports.settle()
        await chat.service.releaseDetached()
        try await chat.expectEmpty()
    }

    @Test func `this instance says of itself what it was told to, also where it is alone`() async throws {
        let chat = ChatFixture(instance: "a")
        let none = try await chat.service.overview()
        #expect(none.instances.isEmpty && none.missing == [])
        let report = InstanceReport(
            version: "1", uptimeMilliseconds: 2, connections: 3, rooms: 4, messagesPerSecond: 5, deliveriesPerSecond: 6,
            isDraining: false, dependencies: [])
        chat.service.describe { report }
        _ = try await chat.connect("alice")
        let overview = try await chat.service.overview()
        #expect(overview.instances.map(\.name) == ["a"] && overview.instances.map(\.report) == [report])
        #expect(overview.rooms?.rooms == [RoomSummary(name: "global", members: 1)])
        chat.ports.takeDown(.lists)
        #expect(try await chat.service.overview().rooms == nil)
    }

    @Test func `nobody else is disconnected`() async throws {
        let chat = ChatFixture()
        let (_, connection) = try await open(chat)
        try chat.service.disconnect(try Username("Alice"), reason: "enough")
        try await chat.ports.settle()
        #expect(connection.ending == nil)
    }

    @Test func `a token that is taken back ends its session, also one that is opened later`() async throws {
        let chat = ChatFixture(revocationStore: FakeRevocationStore())
        let (_, other) = try await chat.connect("bob")
        let (session, connection) = try await open(chat, as: token("t1"))
        _ = try await chat.service.revoke(.token(id: ExactText("t1")), expiry: nil)
        #expect(connection.ending == .tokenRevoked && other.ending == nil)
        await chat.service.close(session, isGoodbye: false)
        #expect(chat.service.detachedSessionCount == 0)
        #expect(try await open(chat, as: token("t1")).1.ending == .tokenRevoked)
    }

    @Test func `a revocation lasts an hour longer than its token, where anybody knows when that expires`() async throws
    {
        let chat = ChatFixture(revocationStore: FakeRevocationStore())
        let now: Int64 = 1_767_323_045_678
        let hour: Int64 = 3_600_000
        func until(_ id: String, _ expiry: Int64?) async throws -> Int64 {
            try await chat.service.revoke(
                .token(id: ExactText(id)), expiry: expiry.map { Timestamp(millisecondsSince1970: $0) }
            ).until.millisecondsSince1970
        }
        _ = try await open(chat, as: token("known", expiresAt: Timestamp(millisecondsSince1970: now + 5000)))
        #expect(try await until("known", nil) == now + 5000 + hour)
        #expect(try await until("told", now + 7000) == now + 7000 + hour)
        #expect(try await until("unknown", nil) == now + 400 * 24 * hour + hour)
    }

    @Test func `a single instance lists its own users, those who are away as such`() async throws {
        let chat = ChatFixture(instance: "one")
        _ = try await chat.connect("bob")
        let (session, _) = try await open(chat)
        await chat.service.close(session, isGoodbye: false)
        let (page, missing) = try await chat.service.connectedUsers(nil, ListRange())
        #expect(page.users.map(\.username) == ["alice", "bob"])
        #expect(page.users.flatMap(\.sessions).map(\.isAway) == [true, false])
        #expect(page.users.flatMap(\.sessions).allSatisfy { $0.instance == "one" && $0.rooms == ["global"] })
        #expect(missing.isEmpty && !page.more)
        #expect(try await chat.service.connectedUsers(alice, ListRange()).page.users.map(\.username) == ["alice"])
    }
}
