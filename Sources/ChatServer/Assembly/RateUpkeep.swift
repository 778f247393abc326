import InfrastructureObservability
import Service
import ServiceLifecycle
import Synchronization

/// Measures once a second how much happens, while the server runs.
final class RateUpkeep: ServiceLifecycle.Service, CustomStringConvertible {
    private let activity: ActivityLog
    private let registry: PrometheusRegistry
    private let meter = Mutex(RateMeter())

    init(_ activity: ActivityLog, _ registry: PrometheusRegistry) {
        self.activity = activity
        self.registry = registry
    }

    var description: String { "RateUpkeep" }

    var rates: RateMeter.Rates { meter.withLock { $0.rates } }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                let sample = RateMeter.Sample(
                    time: .now, messages: activity.totals.messages,
                    deliveries: registry.total(of: "chat_deliveries_total"))
                meter.withLock { $0.take(sample) }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
