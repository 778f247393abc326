import Logging
import NIOCore
import ServiceLifecycle

/// The first to hear of a shutdown: lets nobody in any more, and sends everybody to another instance.
///
/// The goodbyes are spread over time, so that a thousand clients do not come back in the same instant. Meanwhile the port
/// stays open: `/readyz` says “draining”, and upgrades get 503.
struct Drain: Service, CustomStringConvertible {
    /// How fast connections are sent away, as long as that fits into the window.
    private static let pace = TimeAmount.milliseconds(10)
    /// What a client may take to answer the goodbye.
    private static let grace = Duration.seconds(5)

    let gate: Gate
    let fanout: Fanout
    /// Over how long the goodbyes are spread, at most.
    let window: Duration
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
        let deadline = ContinuousClock.now.advanced(by: window + Self.grace)
        while gate.connectionCount > 0, ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(20))
        }
        logger.notice("drained", metadata: ["connections": "\(gate.connectionCount)"])
    }

    private func sayGoodbye() async {
        let count = max(1, gate.connectionCount)
        let window = TimeAmount.nanoseconds(Int64(self.window / .nanoseconds(1)))
        let step = min(Self.pace, .nanoseconds(window.nanoseconds / Int64(count)))
        var position: Int64 = 0
        for loop in fanout.loops {
            let connections = (try? await loop.eventLoop.submit { loop.allConnections }.get()) ?? []
            for connection in connections {
                loop.eventLoop.scheduleTask(in: .nanoseconds(step.nanoseconds * position)) {
                    connection.close(.draining)
                }
                position += 1
            }
        }
    }
}
