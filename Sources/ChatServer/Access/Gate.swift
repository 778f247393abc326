import CoreMetrics
import Service
import Synchronization

/// Decides who may connect, and counts who is connected. The rules are those of ``Admission``.
final class Gate: Sendable {
    private let rules: DoorRules
    let limits: AddressLimits
    private let metrics: EdgeMetrics
    private let connections = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)

    init(_ rules: DoorRules, metrics: EdgeMetrics) {
        self.rules = rules
        limits = AddressLimits(rules.addresses)
        self.metrics = metrics
    }

    var connectionCount: Int { connections.load(ordering: .relaxed) }

    var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// From now on nobody is let in.
    func close() { draining.store(true, ordering: .relaxed) }

    /// Looks at a request for `/ws`. Who is refused is counted, now or when it is known.
    func admit(_ request: Request) throws(Refusal) -> Finding<Admission> {
        let door = Door(rules: rules, occupancy: { [self] in occupancy }, limits: limits)
        do throws(Refusal) {
            switch try Admission.decide(request, at: door) {
            case .known(let admission): return .known(admission)
            case .asks(let ask): return .asks { [self] () async throws(Refusal) in try await counted(ask) }
            }
        } catch {
            count(error)
            throw error
        }
    }

    /// Looks at a request for `/echo`, where nobody has a name. Who is refused is counted.
    func admitToEcho(_ request: Request) throws(Refusal) {
        do throws(Refusal) {
            try occupancy.checkIsOpen()
            try OriginRule(request, rules.origins).check()
            try limits.checkRate(of: request.client)
            try occupancy.checkHasRoom()
            try Handshake.check(request)
        } catch {
            count(error)
            throw error
        }
    }

    private func count(_ refusal: Refusal) {
        metrics.connectionsRefused.increment()
        metrics.refused(refusal.cause)
    }

    private func counted(_ ask: @Sendable () async throws(Refusal) -> Admission) async throws(Refusal) -> Admission {
        do throws(Refusal) {
            return try await ask()
        } catch {
            count(error)
            throw error
        }
    }

    private var occupancy: Occupancy {
        Occupancy(connections: connectionCount, maximum: rules.maximumConnections, isDraining: isDraining)
    }

    /// A connection was let in. Until it ``leave()``s it counts.
    func enter() { connections.wrappingAdd(1, ordering: .relaxed) }

    func leave() { connections.wrappingSubtract(1, ordering: .relaxed) }
}
