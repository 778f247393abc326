import InfrastructureConfiguration
import InfrastructureThreads
import NIOPosix
import Service

extension ChatService {
    /// The service on its adapters, with the limits of the configuration.
    convenience init(
        _ backend: Backend, delivery: any TopicDelivery, _ activity: ActivityLog, _ context: AssemblyContext
    ) {
        self.init(
            log: backend.log, bus: backend.bus, presence: backend.presence,
            revocationStore: backend.revocations, delivery: delivery,
            threads: BlockingThreads(
                executor: BlockingExecutor(name: "chat-topics", threads: 4),
                mayWaitHere: {
                    MultiThreadedEventLoopGroup.currentEventLoop == nil && BlockingExecutor.mayBlockHere
                }),
            limits: Limits(context.configuration), instance: context.configuration.instanceName, activity: activity,
            time: context.time, metrics: context.registry,
            logger: context.logger)
    }
}

extension ChatService.Limits {
    init(_ configuration: ChatConfiguration) {
        self.init(
            messageBytes: configuration.maxMessageBytes,
            rate: RateLimit(
                messages: configuration.rateLimitMessages, window: .seconds(configuration.rateLimitWindowSeconds)),
            grace: .seconds(configuration.graceSeconds), historyBytes: configuration.historyMemoryBytes,
            mergeNoticesAbove: configuration.mergeNoticesAbove, roomsPerSession: configuration.maxRoomsPerSession,
            namesBelongToUsers: configuration.isAuthenticationOn)
    }
}
