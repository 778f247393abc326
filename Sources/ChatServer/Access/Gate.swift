import CoreMetrics
import Service
import Synchronization

/// Decides who may connect, and counts who is connected. The rules are those of ``Admission``.
final class Gate: Sendable {
    private let maximumConnections: Int
    private let metrics: EdgeMetrics
    private let connections = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)

    init(maximumConnections: Int, metrics: EdgeMetrics) {
        self.maximumConnections = maximumConnections
        self.metrics = metrics
    }

    var connectionCount: Int { connections.load(ordering: .relaxed) }

    var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// From now on nobody is let in.
    func close() { draining.store(true, ordering: .relaxed) }

    /// Looks at a request for `/ws`. Who is refused is counted.
    func admit(_ request: Request) throws(Refusal) -> Admission {
        let occupancy = Occupancy(
            connections: connectionCount, maximum: maximumConnections, isDraining: isDraining)
        do throws(Refusal) {
            return try Admission(request, at: occupancy)
        } catch {
            metrics.connectionsRefused.increment()
            throw error
        }
    }

    /// A connection was let in. Until it ``leave()``s it counts.
    func enter() { connections.wrappingAdd(1, ordering: .relaxed) }

    func leave() { connections.wrappingSubtract(1, ordering: .relaxed) }
}
