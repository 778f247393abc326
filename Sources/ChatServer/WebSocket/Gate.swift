import CoreMetrics
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

    /// Looks at a request for `/ws`. Who is refused is counted.
    ///
    /// - Throws: ``Refusal``: first what concerns everybody, then what the client can put right, then the number of
    ///   connections, and last whether it asks for a WebSocket as it should.
    func admit(_ request: IncomingRequest) throws(Refusal) -> WebSocketUpgrade.Admitted {
        do throws(Refusal) {
            let admission = try admit(request.target.text)
            return .init(admission: admission, handshake: try Handshake(request))
        } catch {
            metrics.connectionsRefused.increment()
            throw error
        }
    }

    private func admit(_ uri: String) throws(Refusal) -> Admission {
        if isDraining { throw .draining }
        let admission = try Admission(uri: uri)
        if connectionCount >= maximumConnections { throw .full }
        return admission
    }

    /// A connection was let in. Until it ``leave()``s it counts.
    func enter() { connections.wrappingAdd(1, ordering: .relaxed) }

    func leave() { connections.wrappingSubtract(1, ordering: .relaxed) }
}
