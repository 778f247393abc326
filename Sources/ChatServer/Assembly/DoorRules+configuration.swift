import InfrastructureConfiguration

extension DoorRules {
    /// - Parameter maximumConnections: what `max_connections` and the limit of open files allow.
    init(_ configuration: ChatConfiguration, maximumConnections: Int) {
        self.init(maximumConnections: maximumConnections)
    }
}
