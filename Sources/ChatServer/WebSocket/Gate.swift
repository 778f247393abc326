import CoreMetrics
import NIOHTTP1
import Service
import Synchronization

/// Decides who may connect, and counts who is connected.
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

    func admit(_ uri: String) throws(Refusal) -> Admission {
        if isDraining { throw .draining }
        let admission = try Admission(uri: uri)
        if connectionCount >= maximumConnections { throw .full }
        return admission
    }

    /// Why a request that was not upgraded was not: the answer of the HTTP route.
    func refusal(of uri: String) -> Refusal {
        metrics.connectionsRefused.increment()
        do throws(Refusal) {
            _ = try admit(uri)
            return .upgradeRequired
        } catch {
            return error
        }
    }

    /// A connection was let in. Until it ``leave()``s it counts.
    func enter() { connections.wrappingAdd(1, ordering: .relaxed) }

    func leave() { connections.wrappingSubtract(1, ordering: .relaxed) }
}
