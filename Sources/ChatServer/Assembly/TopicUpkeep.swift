import Service
import ServiceLifecycle

/// Keeps the topics complete while the server runs.
struct TopicUpkeep: ServiceLifecycle.Service, CustomStringConvertible {
    let service: ChatService

    var description: String { "TopicUpkeep" }

    func run() async throws {
        await cancelWhenGracefulShutdown { await service.run() }
    }
}
