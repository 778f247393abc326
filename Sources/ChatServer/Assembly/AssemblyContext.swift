import HummingbirdCore
import InfrastructureConfiguration
import InfrastructureObservability
import Logging
import NIOCore
import NIOPosix
import Service

/// What every part of a server is made with.
struct AssemblyContext: Sendable {
    let configuration: ChatConfiguration
    let eventLoopGroup: any EventLoopGroup
    let time: TimeSource
    let registry: PrometheusRegistry
    let logger: Logger

    init(_ configuration: ChatConfiguration, logger: Logger) {
        self.configuration = configuration
        // Lives as long as the process, as the singleton does.
        eventLoopGroup =
            configuration.eventLoopThreads > 0
            ? MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoopThreads) : .singleton
        time = .system
        registry = PrometheusRegistry()
        self.logger = logger
    }

    /// Shares out the descriptors that the process may have. A warning says so where they are too few.
    func descriptorBudget() -> DescriptorBudget {
        let budget = DescriptorBudget(
            limit: FileDescriptorLimit.current, wanted: configuration.maxConnections,
            eventLoops: configuration.eventLoopThreads > 0 ? configuration.eventLoopThreads : System.coreCount)
        if budget.connections < configuration.maxConnections {
            logger.warning(
                "the limit of open files allows fewer connections than max_connections",
                metadata: [
                    "connections": "\(budget.connections)", "max_connections": "\(configuration.maxConnections)",
                ])
        }
        return budget
    }
}
