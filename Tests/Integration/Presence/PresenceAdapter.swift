import InfrastructureEmbedded
import Service
import Testing

/// The stores that the conformance suites are run against.
enum PresenceAdapter: CaseIterable, CustomTestStringConvertible {
    case embedded, redis

    var testDescription: String { "\(self)" }

    func withStore(_ body: (any PresenceStore) async throws -> Void) async throws {
        try await withObservedStore { store, _ async throws in try await body(store) }
    }

    func withObservedStore(_ body: (any PresenceStore, PresenceRecorder) async throws -> Void) async throws {
        switch self {
        case .embedded:
            let (store, observer) = (EmbeddedPresenceStore(), PresenceRecorder())
            store.start(observer)
            try await body(store, observer)
        case .redis:
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { try await body($0.store, $0.observer) }
            }
        }
    }
}
