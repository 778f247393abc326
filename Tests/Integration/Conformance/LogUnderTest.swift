import Domain
import Foundation
import InfrastructureEmbedded
import InfrastructureNATS
import Logging
import Service
import Synchronization
import Testing

@testable import TestSupport

/// A log with its bus, whichever adapter, and all that was heard from them.
struct LogUnderTest {
    enum Adapter: CaseIterable, CustomTestStringConvertible {
        case embedded, nats

        var testDescription: String { "\(self)" }

        /// - Parameter retention: entries kept of each topic.
        func with(retention: Int = 10_000, _ body: (LogUnderTest) async throws -> Void) async throws {
            switch self {
            case .embedded:
                let log = try await EmbeddedLog.open(
                    .init(
                        directory: ScratchDirectory.make("embedded-log").path, sync: .always,
                        messagesPerTopic: retention, maximumAge: .seconds(3600)),
                    time: .system, logger: .silent)
                try await body(LogUnderTest(log: log, bus: log))
            case .nats:
                try await LogUnderTest.onNATS(instances: 1, retention: retention) { logs, _ in
                    try await body(logs[0])
                }
            }
        }
    }

    let log: any MessageLog
    let bus: any TopicBus
    let heard = BusRecorder()

    private init(log: any MessageLog, bus: any TopicBus) {
        self.log = log
        self.bus = bus
        let heard = heard
        bus.start { heard.record($0) }
    }

    /// Runs `body` with some instances on one NATS of their own.
    static func onNATS(
        instances: Int, retention: Int = 10_000, _ body: ([LogUnderTest], NATSServer) async throws -> Void
    ) async throws {
        let server = try NATSServer()
        let result: Result<Void, any Error>
        do {
            try await server.start()
            try await onNATS(server, instances: instances, retention: retention) { try await body($0, server) }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await server.kill9()
        try result.get()
    }

    /// Runs `body` with some instances on a NATS that runs already.
    static func onNATS(
        _ server: NATSServer, instances: Int = 1, retention: Int, messageBytes: Int = 16_384,
        _ body: ([LogUnderTest]) async throws -> Void
    ) async throws {
        let result: Result<Void, any Error>
        var running: [Task<Void, any Error>] = []
        do {
            var logs: [LogUnderTest] = []
            for number in 0..<instances {
                let cluster = try await NATSCluster.connect(
                    .init(
                        servers: [try NATSServerURL(server.url)], access: try NATSAccess(NATSFiles()),
                        name: "conformance-\(number)",
                        messageBytes: messageBytes, messagesPerRoom: retention, maximumAge: .seconds(3600),
                        replicas: 1, appendTimeout: .seconds(5)),
                    deadline: .now + .seconds(10), time: .system, logger: .silent)
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

    func follow(_ topics: Topic...) throws { for topic in topics { try bus.follow(topic) } }

    /// Waits until `count` entries of `topic` came in.
    func hear(_ count: Int, in topic: Topic) async throws {
        try await eventually(
            "\(count) entries of \(topic)", seen: { "\(heard.contents(of: topic))" }
        ) { heard.entries(of: topic).count >= count }
    }

    /// Reads all topics of a kind.
    func readAll(
        _ kind: Topic.Kind = .rooms, after sequence: SequenceNumber = .zero
    ) async throws -> (entries: [Entry], end: SequenceNumber) {
        let entries = Mutex<[Entry]>([])
        let end = try await log.readAll(kind, after: sequence, atMost: 1 << 40) { batch in
            entries.withLock { $0 += batch }
        }
        return (entries.withLock { $0 }, try #require(end))
    }

    func page(
        of topic: Topic, _ range: LogRange, entries: Int = 100, bytes: Int = 1 << 20
    ) async throws -> LogPage {
        try await log.page(of: topic, range, limit: PageLimit(entries: entries, bytes: bytes))
    }

    /// Reads one topic to its end, page by page.
    func read(
        _ topic: Topic, after sequence: SequenceNumber = .zero, entriesPerPage: Int = 100
    ) async throws -> [Entry] {
        var entries: [Entry] = []
        var page: LogPage
        repeat {
            page = try await self.page(
                of: topic, .after(entries.last?.sequence ?? sequence), entries: entriesPerPage)
            entries += page.entries
        } while page.more
        return entries
    }
}

/// Keeps what a bus told, in its order.
final class BusRecorder: Sendable {
    private let kept = Mutex<[BusEvent]>([])

    func record(_ event: BusEvent) { kept.withLock { $0.append(event) } }

    /// All but entries and announcements.
    var events: [BusEvent] {
        kept.withLock { $0 }.filter { event in
            switch event {
            case .entry, .announcement: false
            default: true
            }
        }
    }

    func entries(of topic: Topic) -> [Entry] {
        kept.withLock { $0 }.compactMap { event in
            guard case .entry(let entry) = event, entry.topic == topic else { return nil }
            return entry
        }
    }

    func contents(of topic: Topic) -> [String] { entries(of: topic).compactMap(\.content) }

    var announcements: [Announcement] {
        kept.withLock { $0 }.compactMap { event in
            guard case .announcement(let announcement) = event else { return nil }
            return announcement
        }
    }
}

extension Topic {
    static func room(_ name: String) throws -> Topic { .room(try RoomName(name)) }
    static func inbox(_ name: String) throws -> Topic { .inbox(try Username(name)) }
}

extension Entry {
    var content: String? { message?.content }
}

extension Draft {
    /// - Parameter topic: a room, or the inbox of whom it is for.
    static func sample(
        _ content: String, in topic: Topic, by sender: String = "alice", id: MessageID = .random(),
        at milliseconds: Int64 = 1_767_323_045_678
    ) throws -> Draft {
        let timestamp = Timestamp(millisecondsSince1970: milliseconds)
        let sender = try Username(sender)
        return switch topic {
        case .room(let room): Draft(id: id, room: room, sender: sender, content: content, timestamp: timestamp)
        case .inbox(let owner):
            Draft(id: id, in: owner, from: sender, to: owner, content: content, timestamp: timestamp)
        }
    }

    /// The copy that goes into the sender's own inbox.
    static func ownCopy(
        _ content: String, by sender: String = "alice", to recipient: String, id: MessageID = .random()
    ) throws -> Draft {
        let sender = try Username(sender)
        return Draft(
            id: id, in: sender, from: sender, to: try Username(recipient), content: content,
            timestamp: Timestamp(millisecondsSince1970: 1_767_323_045_678))
    }
}
