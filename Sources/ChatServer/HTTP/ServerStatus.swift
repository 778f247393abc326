import InfrastructureConfiguration
import Service

/// The server's status for operators: version, load, and whether its dependencies can be reached.
struct ServerStatus: Sendable {
    /// A server that this one depends on, and whether it can be reached now.
    struct Dependency: Sendable {
        let name: String
        let isReachable: @Sendable () -> Bool
    }

    let instance: String
    let started: ContinuousClock.Instant
    let dependencies: [Dependency]
    let gate: Gate
    let service: ChatService

    /// The reasons why no new client should be sent here; empty if there are none.
    var obstacles: [String] {
        (gate.isDraining ? ["draining"] : [])
            + dependencies.filter { !$0.isReachable() }.map { "\($0.name) cannot be reached" }
            + (service.storageObstacle.map { ["messages cannot be stored: \($0)"] } ?? [])
    }

    /// - Parameter activeTopics: how many topics are active, as far as the asker may know of them.
    func report(activeTopics: Int) -> Report {
        Report(
            instance: instance,
            version: Version.current,
            mode: dependencies.isEmpty ? "embedded" : "cluster",
            uptimeSeconds: Int((ContinuousClock.now - started).components.seconds),
            connections: gate.connectionCount,
            sessions: service.sessionCount,
            activeTopics: activeTopics,
            draining: gate.isDraining,
            dependencies: Dictionary(
                uniqueKeysWithValues: dependencies.map { ($0.name, $0.isReachable() ? "up" : "down") }))
    }

    struct Report: Encodable {
        let instance: String
        let version: String
        let mode: String
        let uptimeSeconds: Int
        let connections: Int
        let sessions: Int
        let activeTopics: Int
        let draining: Bool
        let dependencies: [String: String]

        enum CodingKeys: String, CodingKey {
            case instance, version, mode, connections, sessions, draining, dependencies
            case uptimeSeconds = "uptime_seconds"
            case activeTopics = "active_topics"
        }
    }
}
