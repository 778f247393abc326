import Synchronization

/// Sends numbered messages at an even pace until it is stopped: the traffic under which something fails.
final class Talker: Sendable {
    let client: WebSocketClient
    private let prefix: String
    private let task: Task<Int, Never>

    /// - Parameter pace: between two messages; it is traffic, nothing is ordered by it.
    init(_ client: WebSocketClient, prefix: String = "n", every pace: Duration = .milliseconds(10)) {
        self.client = client
        self.prefix = prefix
        task = Task {
            var count = 0
            while !Task.isCancelled {
                client.say("\(prefix)\(count)")
                count += 1
                try? await Task.sleep(for: pace)
            }
            return count
        }
    }

    /// Stops and gives how many it sent.
    func stop() async -> Int {
        task.cancel()
        return await task.value
    }

    /// The numbers that `listener` has heard, in the order in which they came.
    func heard(by listener: WebSocketClient) -> [Int] {
        listener.texts.all.compactMap { frame in
            guard let said = frame.said, said.hasPrefix(prefix), frame.classic?.sender == client.name else {
                return nil
            }
            return Int(said.dropFirst(prefix.count))
        }
    }

    /// How many messages its client was told in words were not sent, or might not have been.
    var refusals: Int {
        client.texts.all.count { frame in
            guard let notice = frame.notice else { return false }
            return !notice.contains(" joined the room ") && !notice.hasSuffix(" left the room")
                && !["Active users:", "Users in ", "Available rooms:"].contains { notice.hasPrefix($0) }
        }
    }
}

extension Talker {
    /// Every one of the `sent` messages either reached `listener`, once and in order, or its sender was told otherwise.
    ///
    /// - Throws: ``TimedOut`` where messages are missing that nobody was told of.
    func settles(sent: Int, with listener: WebSocketClient, within limit: Duration = .seconds(10)) async throws {
        try await eventually(
            "each of \(sent) messages to be heard by \(listener.name) or refused", within: limit,
            seen: {
                let numbers = heard(by: listener)
                let missing = Set(0..<sent).subtracting(numbers).sorted()
                return "\(numbers.count) heard, \(refusals) refused, missing \(missing)"
            },
            until: { sent - Set(heard(by: listener)).count <= refusals })
        let numbers = heard(by: listener)
        guard zip(numbers, numbers.dropFirst()).allSatisfy(<) else {
            throw TimedOut("\(listener.name) to hear each once, in order", after: .zero, seen: "\(numbers)")
        }
    }
}
