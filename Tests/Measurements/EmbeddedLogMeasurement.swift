import Domain
import Foundation
import InfrastructureEmbedded
import Logging
import Service
import Testing

extension Measurements {
    /// How fast the log on disk is: figures for people, in docs/decisions/0013-embedded-log.md.
    @Suite(.serialized)
    struct EmbeddedLogMeasurement {
        private static let seconds = 5.0

        @Test(arguments: [LogSync.always, .interval], [1, 64, 512])
        func `appends per second`(_ sync: LogSync, callers: Int) async throws {
            let root = try #require(measuringDirectory)
            let directory = "\(root)/embedded-log-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let log = try await EmbeddedLog.open(
                .init(directory: directory, sync: sync, messagesPerTopic: 1000, maximumAge: .seconds(3600)),
                time: .system,
                logger: Logger(label: "measurement"))
            let content = String(repeating: "x", count: 120)
            let alice = try Username("alice")
            let start = ContinuousClock.now
            let count = try await withThrowingTaskGroup { group in
                for caller in 0..<callers {
                    let room = try RoomName("room\(caller % 16)")
                    group.addTask {
                        var count = 0
                        while ContinuousClock.now - start < .seconds(Self.seconds) {
                            let draft = Draft(
                                id: .random(), room: room, sender: alice, content: content, timestamp: .now)
                            let result = await withCheckedContinuation { continuation in
                                log.append(draft) { continuation.resume(returning: $0) }
                            }
                            _ = try result.get()
                            count += 1
                        }
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
            let elapsed = (ContinuousClock.now - start) / .seconds(1)
            print("\(sync), \(callers) callers: \(Int(Double(count) / elapsed)) appends/s")

            let reading = ContinuousClock.now
            let page = try await log.page(
                of: .room(try RoomName("room0")), .latest, limit: PageLimit(entries: 1000, bytes: 1 << 30))
            print("a page of \(page.entries.count): \(ContinuousClock.now - reading)")
        }
    }
}
