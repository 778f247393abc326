import Domain
import InfrastructureObservability
import Logging
import Synchronization
import Testing

@testable import Service
@testable import SteppedService

/// The topics by themselves: no sessions, no rules.
struct TopicEngineTests {
    private final class Connections: LocalConnections {
        let connections = Mutex<[String: FakeConnection]>([:])

        func connections(of name: String, _ session: SessionID?) -> UserConnections {
            UserConnections(connections.withLock { $0[name] })
        }
    }

    private let executor = SteppedExecutor()
    private let log = SteppedLog()
    private let edge = FakeEdge()
    private let connections = Connections()
    private let engine: TopicEngine
    private let room = Topic.room(.global)

    init() {
        engine = TopicEngine(
            log: log, bus: log, delivery: edge, connections: connections, threads: BlockingThreads(executor: executor),
            historyBytes: 1 << 20, mergingNoticesAbove: 200,
            time: TimeSource(wall: { Timestamp(millisecondsSince1970: 0) }, monotonic: { .now }),
            metrics: PrometheusRegistry(), logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        log.start { [engine] event in
            if case .entry(let entry) = event { engine.live.receive(entry) }
        }
    }

    private func settle() { while executor.step() || log.letCopyThrough() {} }

    private func store(_ content: String, from sender: String) {
        log.store(
            .message(
                Message(
                    id: MessageID(content), sender: sender, content: content,
                    timestamp: Timestamp(millisecondsSince1970: 0))), in: room)
    }

    /// A reader that is live in the room.
    private func reader() throws -> FakeConnection {
        let connection = edge.connection()
        try engine.follow(room)
        Task(executorPreference: executor) { [engine, room] in
            let start = try await engine.beginReading(room, at: .latest(0))
            let page = try await engine.read(
                room, after: start.cursor, in: start.epoch, limit: TopicEngine.pageLimit,
                goLive: { connection.goLive(room, with: $0) })
            #expect(page == nil)
        }
        settle()
        return connection
    }

    @Test func `what the bus has lost is shown in its place, by the one who looks after the topics`() throws {
        let running = Task(executorPreference: executor) { [engine] in
            await engine.run(checkingSilenceEvery: .seconds(3600))
        }
        defer { running.cancel() }
        let connection = try reader()
        store("one", from: "zoe")
        store("two", from: "zoe")
        store("three", from: "zoe")
        log.letCopyThrough()
        log.loseCopy()
        settle()
        #expect(connection.shown() == ["zoe: one", "zoe: two", "zoe: three"])
    }

    @Test func `a topic is followed while it has a reader, and the bus hears of the first and the last`() throws {
        try engine.follow(room)
        try engine.follow(room)
        #expect(log.followed == [room])
        engine.unfollow(room)
        #expect(log.followed == [room] && engine.activeCount == 1)
        engine.unfollow(room)
        #expect(log.followed == [] && engine.activeCount == 0)
    }

    @Test func `an inbox with a hole that cannot be filled is to be read anew by its owner`() throws {
        let owner = try Username("alice")
        let connection = edge.connection()
        connections.connections.withLock { $0["alice"] = connection }
        let inbox = Topic.inbox(owner)
        try engine.follow(inbox)
        let running = Task(executorPreference: executor) { [engine] in
            await engine.run(checkingSilenceEvery: .seconds(3600))
        }
        defer { running.cancel() }
        for number in 1...3 {
            log.store(
                .message(
                    Message(
                        id: MessageID("\(number)"), sender: "bob", recipient: "alice", content: "psst",
                        timestamp: Timestamp(millisecondsSince1970: 0))), in: inbox)
        }
        log.letCopyThrough()
        log.loseCopy()
        log.drop(upTo: SequenceNumber(2))
        settle()
        #expect(connection.ending == .mustResume)
    }
}
