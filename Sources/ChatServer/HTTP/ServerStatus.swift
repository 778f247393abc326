import Domain
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
    /// When the server was started.
    var startTime = Timestamp.now
    var now: @Sendable () -> Timestamp = { .now }

    var uptimeMilliseconds: Int { Int((ContinuousClock.now - started) / .milliseconds(1)) }

    /// The reasons why no new client should be sent here; empty if there are none.
    var obstacles: [String] {
        (gate.isDraining ? ["draining"] : [])
            + dependencies.filter { !$0.isReachable() }.map { "\($0.name) cannot be reached" }
            + (service.storageObstacle.map { ["messages cannot be stored: \($0)"] } ?? [])
    }

    /// - Parameter activeTopics: how many topics are active, as far as the asker may know of them.
    func report(activeTopics: Int) -> Report {
        let totals = service.activity.totals
        return Report(
            status: gate.isDraining ? "draining" : "running",
            uptime: uptimeMilliseconds,
            startTime: startTime.rfc3339Text,
            currentTime: now().rfc3339Text,
            activeConnections: gate.connectionCount,
            totalMessages: totals.messages,
            totalEvents: totals.events,
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

    /// How this instance is, for those that ask all.
    func instanceReport(_ rates: RateMeter.Rates) -> InstanceReport {
        let storage = service.storageObstacle
        return InstanceReport(
            version: Version.current, uptimeMilliseconds: uptimeMilliseconds, connections: gate.connectionCount,
            rooms: service.topics.activeRoomCount, messagesPerSecond: rates.messages,
            deliveriesPerSecond: rates.deliveries, isDraining: gate.isDraining,
            dependencies: dependencies.map { dependency in
                let isReachable = dependency.isReachable()
                return .init(
                    name: dependency.name, isWorking: isReachable, problem: isReachable ? nil : "cannot be reached")
            } + [
                .init(
                    name: "storage", isWorking: storage == nil,
                    problem: storage.map { "messages cannot be stored: \($0)" })
            ])
    }

    struct Report: Encodable {
        let status: String
        /// In milliseconds.
        let uptime: Int
        let startTime: String
        let currentTime: String
        let activeConnections: Int
        let totalMessages: Int
        let totalEvents: Int
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
            case status, uptime, startTime, currentTime, activeConnections, totalMessages, totalEvents
            case instance, version, mode, connections, sessions, draining, dependencies
            case uptimeSeconds = "uptime_seconds"
            case activeTopics = "active_topics"
        }
    }
}
