import Domain
import Logging
import Service
import Synchronization
import Testing

@testable import InfrastructureEmbedded
@testable import TestSupport

/// A log store on a faulty disk, and the clock by which it lives.
struct LogStoreFixture {
    let storage: FaultyStorage
    let store: LogStore
    let clock: LogClock

    init(
        _ storage: FaultyStorage = FaultyStorage(), clock: LogClock = LogClock(), sync: LogSync = .always,
        messages: Int = 1000, age: Duration = .seconds(1_000_000), segment: Int = 16 << 20
    ) throws {
        self.storage = storage
        self.clock = clock
        store = try LogStore.open(
            storage,
            LogStore.Settings(sync: sync, messagesPerTopic: messages, maximumAge: age, segmentBytes: segment),
            time: clock.source, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Appends each as a batch of its own, in the room.
    @discardableResult
    func append(_ contents: [String], to topic: Topic = .global) throws -> [UInt64] {
        try contents.map { try append(.sample($0, in: topic)).appended.sequence.value }
    }

    func append(_ draft: Draft) throws -> LogStore.Stored {
        try #require(store.append([draft]).first).get()
    }

    func page(
        _ range: LogRange = .after(.zero), of topic: Topic = .global, entries: Int = 10_000, bytes: Int = 1 << 30
    ) throws -> LogPage {
        try store.page(of: topic, range, limit: PageLimit(entries: entries, bytes: bytes))
    }

    func contents(of topic: Topic = .global) throws -> [String] { try page(of: topic).entries.compactMap(\.content) }

    /// All of a kind, as the log itself has them one after the other.
    func all(_ kind: Topic.Kind = .rooms) throws -> [Entry] {
        var entries: [Entry] = []
        let end = try store.readAll(kind, after: .zero, atMost: .max) { entries += $0 }
        #expect(end.map(\.value) == store.index.withLock { $0.kinds[kind].last })
        return entries
    }

    var bytesOnDisk: Int { storage.files.filter { $0.key.hasSuffix(".log") }.reduce(0) { $0 + $1.value.count } }
}

/// Time that passes when a test says so.
final class LogClock: Sendable {
    private let passed = Mutex(Duration.zero)
    private let start = ContinuousClock.now

    func advance(by duration: Duration) { passed.withLock { $0 += duration } }

    var source: TimeSource {
        TimeSource(
            wall: { [self] in
                Timestamp(
                    millisecondsSince1970: 1_767_323_045_000 + passed.withLock { $0.components.seconds * 1000 })
            },
            monotonic: { [self] in start + passed.withLock { $0 } })
    }
}

extension Topic {
    static let global = Topic.room(.global)

    static func room(called name: String) throws -> Topic { .room(try RoomName(name)) }
    static func inbox(of name: String) throws -> Topic { .inbox(try Username(name)) }
}

extension Draft {
    /// In an inbox: a message from alice to bob.
    static func sample(
        _ content: String, in topic: Topic = .global, id: MessageID = .random()
    ) throws -> Draft {
        let timestamp = Timestamp(millisecondsSince1970: 1_767_323_045_678)
        let alice = try Username("alice")
        return switch topic {
        case .room(let room):
            Draft(id: id, room: room, sender: alice, content: content, timestamp: timestamp)
        case .inbox(let owner):
            Draft(id: id, in: owner, from: alice, to: try Username("bob"), content: content, timestamp: timestamp)
        }
    }
}

extension Entry {
    var content: String? { message?.content }
}
