import InfrastructureEmbedded
import Service
import Testing

/// The stores that the conformance suites are run against.
enum PresenceAdapter: CaseIterable, CustomTestStringConvertible {
    case embedded, redis

    var testDescription: String { "\(self)" }

    func withStore(_ body: (any PresenceStore) async throws -> Void) async throws {
        switch self {
        case .embedded:
            try await body(EmbeddedPresenceStore())
        case .redis:
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { try await body($0.store) }
            }
        }
    }
}
