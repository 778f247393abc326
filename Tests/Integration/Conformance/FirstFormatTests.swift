import Domain
import Foundation
import Service
import Testing

@testable import TestSupport

extension Integration {
    /// What instances stored in NATS before entries had kinds (Tests/Fixtures) is read as it is.
    @Suite("A stream of the first format", .serialized)
    struct FirstFormat {
        /// A message as it stood in its stream.
        private struct Stored: Decodable {
            let stream: String
            let seq: UInt64
            let subject: String
            let headers: String
            let payload: String
        }

        private func stored() throws -> [Stored] {
            let url = URL(fileURLWithPath: #filePath)
                .deletingLastPathComponent().appendingPathComponent("../../Fixtures/first-format/stream.json")
            return try JSONDecoder().decode([Stored].self, from: Data(contentsOf: url))
        }

        private func time(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339Text: text)) }

        @Test func `all of it is heard and read back, field by field`() async throws {
            let (global, dev) = (try Topic.room("global"), try Topic.room("dé.v"))
            let (bob, alice) = (try Topic.inbox("b.ö*b"), try Topic.inbox("alice"))
            try await LogUnderTest.onNATS(instances: 1) { logs, server in
                let log = logs[0]
                try log.follow(global, dev, bob, alice)
                let peer = try await NATSPeer.connect(port: server.port)
                for message in try stored() {
                    let answer = try await peer.request(message.subject, headers: message.headers, message.payload)
                    #expect(answer.contains(#""\#(message.stream)""#), "\(answer)")
                    #expect(answer.contains(#""seq":\#(message.seq)"#), "\(answer)")
                }
                await peer.close()

                let epoch = log.log.epoch(of: .rooms)
                let direct = Message(
                    id: MessageID("6a33d68c9a3536b46269ae7657c3534a"), sender: "alice", recipient: "b.ö*b",
                    content: "psst", timestamp: try time("2026-12-01T05:46:43.806Z"))
                let expected: [(topic: Topic, bodies: [(UInt64, Entry.Body)])] = [
                    (
                        global,
                        [
                            (
                                1,
                                .message(
                                    Message(
                                        id: MessageID("50b639d80ae224aca6e19b7e69b82ce9"), sender: "alice",
                                        content: "first 😀 \"q\"", timestamp: try time("2026-12-01T05:46:43.185Z")))
                            ),
                            (
                                2,
                                .message(
                                    Message(
                                        id: MessageID("394fabdc092e354f3c7eee3424273818"), sender: "b.ö2",
                                        content: "second", timestamp: try time("2026-12-01T05:46:43.215Z")))
                            ),
                            (3, .foreignNotice("gopher joined the room global")),
                            (
                                4,
                                .message(
                                    Message(
                                        id: MessageID("seq-\(epoch)-4"), sender: "gopher", content: "hi from Go",
                                        timestamp: try time("2024-02-29T12:34:56.000Z")))
                            ),
                            (5, .unreadable),
                        ]
                    ),
                    (
                        dev,
                        [
                            (
                                6,
                                .message(
                                    Message(
                                        id: MessageID("d850a78f9377aa77fbd0696c981dbfcc"), sender: "alice",
                                        content: "in dev", timestamp: try time("2026-12-01T05:46:43.749Z")))
                            )
                        ]
                    ),
                    (bob, [(1, .message(direct))]),
                    (alice, [(2, .message(direct))]),
                ]
                for (topic, bodies) in expected {
                    try await eventually("all of \(topic)") { log.heard.entries(of: topic).count == bodies.count }
                    for entries in [log.heard.entries(of: topic), try await log.read(topic)] {
                        #expect(entries.map(\.sequence.value) == bodies.map(\.0))
                        #expect(entries.map(\.body) == bodies.map(\.1))
                    }
                }
                #expect(try await log.readAll(.rooms).entries.map(\.sequence.value) == Array(1...6))
                #expect(try await log.readAll(.inboxes).entries.map(\.sequence.value) == [1, 2])
            }
        }
    }
}
