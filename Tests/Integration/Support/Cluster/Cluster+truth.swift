import Foundation
import Testing

/// One line of `GET /rooms`.
struct RoomListing: Decodable, Equatable, Sendable, CustomStringConvertible {
    var name: String
    var members: Int
    var description: String { "\(name) (\(members))" }
}

extension ChatInstance {
    /// What `GET /rooms` lists, in its order; where it refuses, one entry that says so.
    func rooms() async throws -> [RoomListing] {
        let answer = try await get("/rooms")
        guard answer.status == 200 else { return [RoomListing(name: "HTTP \(answer.status)", members: -1)] }
        return try JSONDecoder().decode([RoomListing].self, from: Data(answer.body.utf8))
    }
}

extension Cluster {
    /// Waits until every running instance's `/rooms` is `expected`: room and number of members.
    func lists(
        _ expected: [String: Int], within limit: Duration = .seconds(10)
    ) async throws {
        let rooms = expected.sorted { $0.key < $1.key }.map { RoomListing(name: $0.key, members: $0.value) }
        for instance in instances where instance.isRunning {
            try await eventually("\(instance.name) to list the truth", equals: rooms, within: limit) {
                try await instance.rooms()
            }
        }
    }

    /// Waits until words go from each client to all others: each says something new until everyone has heard it.
    func isTalking(_ clients: [WebSocketClient], within limit: Duration = .seconds(15)) async throws {
        for (index, speaker) in clients.enumerated() {
            let word = "probe-\(UInt32.random(in: 0...UInt32.max))-\(index)"
            var attempt = 0
            try await eventually("\(speaker.name) to be heard by all", within: limit, every: .milliseconds(100)) {
                attempt += 1
                speaker.say("\(word)-\(attempt)")
                return clients.enumerated().allSatisfy { other, listener in
                    other == index
                        || listener.texts.all.contains {
                            $0.classic?.sender == speaker.name && $0.said?.hasPrefix(word) == true
                        }
                }
            }
        }
    }
}

extension WebSocketClient {
    /// How often a notice with exactly that text has come.
    func count(notice: String) -> Int { texts.all.count { $0.notice == notice } }

    var isConnected: Bool { closings.all.isEmpty && !texts.isFinished }
}
