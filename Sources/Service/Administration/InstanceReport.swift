/// How one instance is, as an administrator sees it.
public struct InstanceReport: Equatable, Sendable {
    /// Something that the instance cannot do its work without.
    public struct Dependency: Equatable, Sendable {
        public let name: String
        public let isWorking: Bool
        /// What is wrong, in words for people; nil if nothing is known to be.
        public let problem: String?

        public init(name: String, isWorking: Bool, problem: String? = nil) {
            self.name = name
            self.isWorking = isWorking
            self.problem = problem
        }
    }

    public let version: String
    /// How long it has been running.
    public let uptimeMilliseconds: Int
    /// Open WebSocket connections.
    public let connections: Int
    /// Rooms with readers on the instance.
    public let rooms: Int
    /// Messages that came in through the instance and were stored, on average over the last seconds.
    public let messagesPerSecond: Double
    /// What was written to connections, on average over the last seconds.
    public let deliveriesPerSecond: Double
    /// Whether it is shutting down.
    public let isDraining: Bool
    public let dependencies: [Dependency]

    public init(
        version: String, uptimeMilliseconds: Int, connections: Int, rooms: Int, messagesPerSecond: Double,
        deliveriesPerSecond: Double, isDraining: Bool, dependencies: [Dependency]
    ) {
        self.version = version
        self.uptimeMilliseconds = uptimeMilliseconds
        self.connections = connections
        self.rooms = rooms
        self.messagesPerSecond = messagesPerSecond
        self.deliveriesPerSecond = deliveriesPerSecond
        self.isDraining = isDraining
        self.dependencies = dependencies
    }
}
