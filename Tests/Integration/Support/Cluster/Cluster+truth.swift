import Foundation
import Testing

extension Cluster {
    /// Waits until every running instance's `/rooms`, asked over HTTP, is `expected`: room and number of members.
    func lists(
        _ expected: [String: Int], within limit: Duration = .seconds(10)
    ) async throws {
        let json =
            "["
            + expected.sorted { $0.key < $1.key }.map { #"{"name":"\#($0.key)","members":\#($0.value)}"# }
            .joined(separator: ",") + "]"
        for instance in instances where instance.isRunning {
            try await eventually("\(instance.name) to list the truth", equals: json, within: limit) {
                try await instance.get("/rooms").body.trimmingCharacters(in: .newlines)
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
