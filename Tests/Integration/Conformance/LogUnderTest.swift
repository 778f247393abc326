import Domain
import Foundation
import Infrastructure
import Logging
import Service
import Synchronization
import Testing

/// A log with its bus, whichever adapter, and all that was heard from them.
struct LogUnderTest {
    enum Adapter: CaseIterable, CustomTestStringConvertible {
        case embedded, nats

        var testDescription: String { "\(self)" }

        func with(_ body: (LogUnderTest) async throws -> Void) async throws {
            switch self {
            case .embedded:
                let log = EmbeddedRoomLog()
                try await body(LogUnderTest(log: log, bus: log))
            case .nats:
                try await LogUnderTest.onNATS(instances: 1) { try await body($0[0]) }
            }
        }
    }

    let log: any MessageLog
    let bus: any RoomBus
    let heard = BusRecorder()

    private init(log: any MessageLog, bus: any RoomBus) {
        self.log = log
        self.bus = bus
        let heard = heard
        bus.start { heard.record($0) }
    }

    /// Runs `body` with some instances on one NATS of their own.
    static func onNATS(instances: Int, _ body: ([LogUnderTest]) async throws -> Void) async throws {
        let server = try NATSServer()
        let result: Result<Void, any Error>
        var running: [Task<Void, any Error>] = []
        do {
            try await server.start()
            var logs: [LogUnderTest] = []
            for number in 0..<instances {
                let cluster = try await NATSCluster.connect(
                    .init(
                        servers: [server.url], name: "conformance-\(number)", messagesPerRoom: 10_000,
                        maximumAge: .seconds(3600), replicas: 1, appendTimeout: .seconds(5)),
                    deadline: .now + .seconds(10), time: .conformance, logger: .silent)
                running.append(Task { try await cluster.run() })
                logs.append(LogUnderTest(log: cluster.log, bus: cluster.bus))
            }
            try await body(logs)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for task in running { task.cancel() }
        for task in running { _ = await task.result }
        await server.kill9()
        try result.get()
    }

    /// Appends and waits for the log's word.
    @discardableResult
    func append(_ draft: Draft) async throws -> Appended {
        try await withCheckedThrowingContinuation { continuation in
            log.append(draft) { continuation.resume(with: $0.mapError { $0 as any Error }) }
        }
    }

    /// Appends one after the other without waiting in between, then waits for all words, in the order of the drafts.
    func appendAll(_ drafts: [Draft]) async throws -> [Appended] {
        try await withCheckedThrowingContinuation { continuation in
            let results = Mutex<[Int: Result<Appended, ChatError>]>([:])
            for (index, draft) in drafts.enumerated() {
                log.append(draft) { result in
                    let all: [Int: Result<Appended, ChatError>]? = results.withLock { results in
                        precondition(results.updateValue(result, forKey: index) == nil, "completed twice")
                        return results.count == drafts.count ? results : nil
                    }
                    guard let all else { return }
                    continuation.resume(with: Result { try drafts.indices.compactMap { try all[$0]?.get() } })
                }
            }
        }
    }

    func follow(_ rooms: RoomName...) throws { for room in rooms { try bus.follow(room) } }

    /// Waits until `count` entries of `room` came in.
    func hear(_ count: Int, in room: RoomName) async throws {
        try await eventually(
            "\(count) entries of \(room)", seen: { "\(heard.contents(of: room))" }
        ) { heard.entries(of: room).count >= count }
    }

    func read(_ room: RoomName?, after sequence: SequenceNumber) async throws -> (
        entries: [LogEntry], end: SequenceNumber
    ) {
        let entries = Mutex<[LogEntry]>([])
        let end = try await log.read(room, after: sequence) { batch in entries.withLock { $0 += batch } }
        return (entries.withLock { $0 }, end)
    }
}

/// Keeps what a bus told, in its order.
final class BusRecorder: Sendable {
    private let events = Mutex<[BusEvent]>([])

    func record(_ event: BusEvent) { events.withLock { $0.append(event) } }

    func entries(of room: RoomName) -> [LogEntry] {
        events.withLock { $0 }.compactMap { event in
            guard case .entry(let entry) = event, entry.room == room else { return nil }
            return entry
        }
    }

    func contents(of room: RoomName) -> [String] { entries(of: room).compactMap(\.content) }

    var notices: [MembershipNotice] {
        events.withLock { $0 }.compactMap { event in
            guard case .notice(let notice) = event else { return nil }
            return notice
        }
    }
}

extension LogEntry {
    var message: ChatMessage? {
        guard case .message(let message) = event else { return nil }
        return message
    }

    var content: String? { message?.content }
}

extension Draft {
    static func sample(
        _ content: String, in room: RoomName, by sender: String = "alice", id: MessageID = .random(),
        at milliseconds: Int64 = 1_767_323_045_678
    ) throws -> Draft {
        Draft(
            id: id, room: room, sender: try Username(sender), content: content,
            timestamp: Timestamp(millisecondsSince1970: milliseconds))
    }
}

extension TimeSource {
    fileprivate static let conformance = TimeSource(
        wall: { Timestamp(millisecondsSince1970: Int64(Date().timeIntervalSince1970 * 1000)) }, monotonic: { .now })
}
