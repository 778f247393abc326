import Synchronization
import Testing
import Wire

/// Says numbered messages in a room at an even pace, over `chat.v2`, each under an id of its own, until it is stopped.
final class V2Talker: Sendable {
    let client: V2Client
    let room: String
    private let task: Task<[String], Never>

    /// - Parameter pace: between two messages; it is traffic, nothing is ordered by it.
    init(_ client: V2Client, in room: String, every pace: Duration = .milliseconds(4)) {
        self.client = client
        self.room = room
        task = Task {
            var ids: [String] = []
            while !Task.isCancelled {
                let id = "\(client.name)/\(ids.count)"
                client.send(.chatMessage(content: id, room: room, id: id), ref: id)
                ids.append(id)
                try? await Task.sleep(for: pace)
            }
            return ids
        }
    }

    /// Stops and gives the ids that it sent, each of which is its reference, too.
    func stop() async -> [String] {
        task.cancel()
        return await task.value
    }

    /// Stops, and waits until each message is answered, once.
    ///
    /// - Returns: the ids of those that were acknowledged.
    func settle(within limit: Duration = .seconds(10)) async throws -> [String] {
        let ids = await stop()
        try await eventually("\(client.name) to have \(ids.count) answers", within: limit) {
            client.replies.count >= ids.count
        }
        let replies = client.replies
        #expect(Set(replies.map(\.ref)).count == replies.count, "one reply each")
        let acknowledged = Set(replies.filter(\.isAck).map(\.ref))
        return ids.filter(acknowledged.contains)
    }
}

extension V2Client {
    /// The answers to messages that have come so far.
    var replies: [(ref: String, isAck: Bool, sequence: UInt64?)] {
        frames.compactMap { frame in
            guard let ref = frame.ref else { return nil }
            switch frame.event {
            case .ack(let ack): return (ref, true, ack.sequence)
            case .error: return (ref, false, nil)
            default: return nil
            }
        }
    }
}
