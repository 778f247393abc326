import Domain
import Service
import Testing

@testable import InfrastructureNATS

extension Integration {
    @Suite("A stream that is read forward", .serialized)
    struct StreamCursorTests {
        /// - Parameters:
        ///   - read: how many messages were read before.
        ///   - lost: how many the consumer has sent then that did not reach the reader: some, or all.
        @Test(arguments: [0, 8] as [UInt64], [1, 5, 12] as [Int])
        func `what a consumer has sent and its reader has not had is read all the same`(read: UInt64, lost: Int)
            async throws
        {
            try await LogUnderTest.onNATS(instances: 1) { logs, server in
                let dev = try Topic.room("dev")
                let stored = try await logs[0].appendAll((0..<20).map { try .sample("\($0)", in: dev) })
                    .map(\.sequence.value)
                try await withAPI(server) { api in
                    let (first, end) = (try #require(stored.first), try #require(stored.last))
                    var consumer = try await api.openConsumer(
                        of: Topic.Kind.rooms.stream, on: Subject.stored(dev), from: first)
                    var cursor = StreamCursor(
                        api: api, kind: .rooms, subject: Subject.stored(dev), from: first, end: end,
                        consumer: consumer)
                    var seen: [UInt64] = []
                    if read > 0 { seen += try await cursor.read(Int(read)).map(\.sequence) }
                    try #require(seen.count == Int(read))
                    // Somebody else takes them from the consumer.
                    consumer.delivered = read
                    let taken = try await api.pull(consumer, count: lost, until: .max)
                    try #require(taken.messages.count == lost)
                    while true {
                        let messages = try await cursor.read(8)
                        if messages.isEmpty { break }
                        seen += messages.map(\.sequence)
                    }
                    cursor.close()
                    #expect(seen == stored)
                }
            }
        }

        private func withAPI(_ server: NATSServer, _ body: (JetStreamAPI) async throws -> Void) async throws {
            let requests = RequestTables()
            let connection = try NATSConnection(
                servers: [try NATSServerURL(server.url)], access: try NATSAccess(NATSFiles()), name: "reader"
            ) { _ in }
            let deadlines = Task { await requests.watchDeadlines() }
            let result: Result<Void, any Error>
            do {
                let answers = try requests.attach(to: connection)
                try await body(JetStreamAPI(connection: connection, requests: requests.questions))
                for subscription in answers { subscription.cancel() }
                result = .success(())
            } catch {
                result = .failure(error)
            }
            deadlines.cancel()
            await deadlines.value
            await onBlockingThread { connection.close() }
            try result.get()
        }
    }
}
