import Domain
import InfrastructureObservability
import InfrastructureThreads
import Logging
import Synchronization
import Testing

@testable import Service
@testable import SteppedService

/// A chat service on fakes, with a clock that the test sets.
final class ChatFixture: Sendable {
    let edge = FakeEdge()
    let ports = FakePorts()
    let registry = PrometheusRegistry()
    let service: ChatService
    private static let executor = BlockingExecutor(name: "test-topics", threads: 2)
    private let clock: Clock

    private final class Clock: Sendable {
        let start = ContinuousClock.now
        let elapsed = Mutex(Duration.zero)
    }

    init(
        messageBytes: Int = 20, rate: RateLimit? = nil, grace: Duration = .seconds(8), mergeNoticesAbove: Int = 200,
        namesBelongToUsers: Bool = false, revocationStore: (any RevocationStore)? = nil, instance: String = ""
    ) {
        let clock = Clock()
        self.clock = clock
        service = ChatService(
            log: ports, bus: ports, presence: ports, revocationStore: revocationStore, delivery: edge,
            threads: BlockingThreads(executor: Self.executor),
            limits: .init(
                messageBytes: messageBytes, rate: rate, grace: grace, mergeNoticesAbove: mergeNoticesAbove,
                namesBelongToUsers: namesBelongToUsers),
            instance: instance,
            time: TimeSource(
                wall: { Timestamp(millisecondsSince1970: 1_767_323_045_678) },
                monotonic: { clock.start + clock.elapsed.withLock { $0 } }),
            metrics: registry,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        service.start()
    }

    func pass(_ time: Duration) { clock.elapsed.withLock { $0 += time } }

    func connect(_ name: String, to room: RoomName = .global) async throws -> (Session, FakeConnection) {
        let connection = edge.connection()
        let session = try await service.connect(try Username(name), entering: room, through: connection)
        // Otherwise who comes next could still hear of this one.
        try await ports.settle()
        return (session, connection)
    }

    /// As a classic client does. - Returns: whether it was elsewhere.
    @discardableResult
    func move(_ session: Session, to room: RoomName) async throws(ChatError) -> Bool {
        guard session.currentRoom != room else { return false }
        try await service.enter(
            room, session, stay: false, goLive: { (session.connection as? FakeConnection)?.goLive($0) })
        return true
    }

    /// A classic connection ends.
    func disconnect(_ session: Session) async {
        for room in session.rooms { (session.connection as? FakeConnection)?.leave(room) }
        await service.close(session, isGoodbye: false)
    }

    @discardableResult
    func send(_ content: String, from session: Session) async throws -> Stored {
        let draft = try service.draft(content, in: nil, id: nil, from: session)
        let stored = try await withCheckedThrowingContinuation { continuation in
            service.append(draft) { continuation.resume(with: $0.mapError { $0 as any Error }) }
        }
        try await ports.settle()
        return stored
    }

    /// The value of a counter.
    func count(_ metric: String) -> Int? { registry.count(metric) }

    /// Nobody is here, and nothing is left of those who were.
    func expectEmpty(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(service.sessionCount == 0, sourceLocation: sourceLocation)
        #expect(service.topics.activeCount == 0, sourceLocation: sourceLocation)
        #expect(ports.followed == [], sourceLocation: sourceLocation)
        ports.bringBack()
        #expect(try await service.users().elements == [], sourceLocation: sourceLocation)
        #expect(try await service.rooms().elements == [], sourceLocation: sourceLocation)
    }
}

extension ChatService {
    /// All users, or all in a room, whoever may see them.
    func users(in room: RoomName? = nil) async throws(ChatError) -> ListPage<String> {
        try await presence.users(in: room, ListRange())
    }

    /// All rooms, whoever may see them.
    func rooms() async throws(ChatError) -> ListPage<RoomSummary> { try await rooms(for: .all) }

    /// Begins the session of a reader without history.
    func connect(
        _ username: Username, entering room: RoomName, through connection: FakeConnection
    ) async throws(ChatError) -> Session {
        try await open(
            SessionRequest(username, principal: principal(username), entering: room, resumption: .none),
            through: connection, goLive: connection.goLive)
    }

    /// Begins the session of a reader that can come back.
    func open(
        _ username: Username, entering room: RoomName, presenting secret: SessionSecret?,
        through connection: FakeConnection
    ) async throws(ChatError) -> Session {
        try await open(
            SessionRequest(
                username, principal: principal(username), entering: room, resumption: .possible(presenting: secret)),
            through: connection)
    }

    /// Where names belong to users, everybody comes with a token.
    private func principal(_ username: Username) -> Principal {
        limits.namesBelongToUsers ? Principal(username: username, kind: .token) : .open
    }
}

extension ChatError {
    /// The error's code, where `body` fails.
    static func code(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> some Any
    ) async -> Code? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? ChatError)?.code
        }
    }
}
