import Logging
import NIOCore
import ServiceLifecycle

/// The first to hear of a shutdown: lets nobody in any more, and sends everybody to another instance.
///
/// The goodbyes are spread over time, so that a thousand clients do not come back in the same instant; who speaks `chat.v2`
/// is told at once when that will be. Meanwhile the port stays open: `/readyz` says “draining”, and upgrades get 503.
struct Drain: Service, CustomStringConvertible {
    /// What a client may take to answer the goodbye.
    private static let grace = Duration.seconds(5)

    let gate: Gate
    let fanout: Fanout
    let logger: Logger

    var description: String { "Drain" }

    func run() async throws {
        do {
            try await gracefulShutdown()
        } catch {
            return  // cancelled: another service has failed, and there is no time for goodbyes
        }
        gate.close()
        logger.notice("draining", metadata: ["connections": "\(gate.connectionCount)"])
        await sayGoodbye()
        let deadline = ContinuousClock.now.advanced(by: Duration(fanout.goodbyes.window) + Self.grace)
        while gate.connectionCount > 0, ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(20))
        }
        logger.notice("drained", metadata: ["connections": "\(gate.connectionCount)"])
    }

    private func sayGoodbye() async {
        let count = gate.connectionCount
        var position = 0
        for loop in fanout.loops {
            let first = position
            position +=
                (try? await loop.eventLoop.submit {
                    let connections = loop.allConnections
                    for (index, connection) in connections.enumerated() {
                        let delay = fanout.goodbyes.delay(first + index, of: count)
                        connection.sendAway(after: delay, because: "the server is shutting down")
                    }
                    return connections.count
                }.get()) ?? 0
        }
    }
}
