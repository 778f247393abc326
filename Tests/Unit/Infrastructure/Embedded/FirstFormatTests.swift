import Domain
import Foundation
import Service
import Synchronization
import Testing

@testable import InfrastructureEmbedded
@testable import TestSupport

/// A data directory that was written before entries had kinds (Tests/Fixtures) is read as it is.
struct FirstFormatTests {
    private func open(_ storage: FaultyStorage) throws -> LogStoreFixture {
        try LogStoreFixture(storage, messages: 4, age: .seconds(1_000_000_000), segment: 500)
    }

    private func stored() throws -> FaultyStorage {
        let url = Checkout.root.appendingPathComponent("Tests/Fixtures/first-format/data.json")
        let files = try JSONDecoder().decode([String: Data].self, from: try Data(contentsOf: url))
        #expect(files.count == 4)
        let storage = FaultyStorage()
        for (name, bytes) in files { try storage.create(name).write(Array(bytes), at: 0) }
        return storage
    }

    /// - Parameter number: by it the message got its id and its time.
    private func entry(
        _ topic: Topic, _ sequence: UInt64, after previous: UInt64?, _ number: Int64, from sender: String = "alice",
        to recipient: String? = nil, _ content: String
    ) -> Entry {
        Entry(
            topic: topic, sequence: SequenceNumber(sequence), previous: previous.map(SequenceNumber.init),
            body: .message(
                Message(
                    id: MessageID("m\(number)"), sender: sender, recipient: recipient, content: content,
                    timestamp: Timestamp(millisecondsSince1970: 1_767_323_045_600 + number))))
    }

    @Test func `all of its entries are there, field by field, and the log goes on`() throws {
        let (quiet, bob, alice) = (
            try Topic.room(called: "día"), try Topic.inbox(of: "bob"), try Topic.inbox(of: "alice")
        )
        let expected: [Topic: (entries: [Entry], floor: UInt64)] = [
            .global: (
                [
                    entry(.global, 9, after: nil, 11, "7"), entry(.global, 10, after: 9, 12, "8"),
                    entry(.global, 11, after: 10, 13, "9"), entry(.global, 12, after: 11, 14, "late"),
                ], 7
            ),
            quiet: (
                [
                    entry(quiet, 1, after: nil, 1, from: "carol", "q1"),
                    entry(quiet, 8, after: 1, 10, from: "josé", "q2 😀 \"x\"\n"),
                ], 0
            ),
            bob: (
                [
                    entry(bob, 1, after: nil, 5, to: "bob", "psst"),
                    entry(bob, 3, after: 1, 15, from: "carol", to: "bob", "late private"),
                ], 0
            ),
            alice: ([entry(alice, 2, after: nil, 6, to: "bob", "psst")], 0),
        ]
        let log = try open(stored())
        for (topic, (entries, floor)) in expected {
            let page = try log.page(of: topic)
            #expect(page.entries == entries)
            #expect(page.floor.value == floor)
            #expect(page.head == entries.last?.sequence)
            #expect(page.end.value == (topic.kind == .rooms ? 12 : 3))
            #expect(page.epoch == Epoch("67599387eefa7c830b9bd06ff866ca83"))
        }
        for kind in Topic.Kind.allCases {
            let all = expected.values.flatMap(\.entries).filter { $0.topic.kind == kind }
            #expect(try log.all(kind) == all.sorted { $0.sequence < $1.sequence })
        }
        #expect(try log.append(["13"]) == [13])
        #expect(try open(log.storage.afterKill()).contents() == ["8", "9", "late", "13"])
    }

    @Test func `what is written today stands on the disk byte for byte as it did then`() throws {
        let storage = try stored()
        let log = try open(storage)
        var records = 0
        for segment in log.store.index.withLock({ index in index.order.compactMap { index.segments[$0] } }) {
            var scanner = SegmentScanner(segment.file, header: segment.header, to: segment.size)
            while case .record(let record, _, let bytes)? = try scanner.next() {
                let topic = try #require(Topic(record.kind, storedName: record.topicName))
                guard case .contribution(.message(let message)) = record.body(in: topic) else {
                    Issue.record("no message")
                    continue
                }
                let sender = try Username(message.sender)
                let draft =
                    switch topic {
                    case .room(let room):
                        Draft(
                            id: message.id, room: room, sender: sender, content: message.content,
                            timestamp: message.timestamp)
                    case .inbox(let owner):
                        Draft(
                            id: message.id, in: owner, from: sender, to: try Username(message.recipient ?? ""),
                            content: message.content, timestamp: message.timestamp)
                    }
                var written: [UInt8] = []
                let length = LogRecord.append(
                    draft, sequence: record.sequence, before: record.before, storedAt: record.storedAt,
                    salt: segment.header.salt, to: &written)
                #expect(length == bytes.count && written == Array(bytes))
                records += 1
            }
        }
        #expect(records >= 9)
    }
}
