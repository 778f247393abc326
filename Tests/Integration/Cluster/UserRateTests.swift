import Testing
import Wire

private let settingsOfRates: Settings = [
    "jwt_secret": .text(SignedToken.secret), "rate_limit_messages": 20, "rate_limit_window_seconds": 3600,
]

extension Integration {
    /// One user on two instances, whose window is too long for anything to be refilled meanwhile.
    @Suite("The rate of a user over two instances", .serialized, .cluster(instances: 2, settingsOfRates))
    struct UserRates {
        /// - Returns: whether the message was accepted.
        private func isAccepted(_ client: V2Client) async throws -> Bool {
            let ref = client.send(.chatMessage(content: "x", room: nil, id: nil))
            switch try await client.first("an answer", where: { $0.ref == ref }).event {
            case .ack: return true
            case .error("rate_limited", _, let wait):
                #expect(wait.map { $0 > 0 } == true)
                return false
            case let other: throw Unexpected("\(other)")
            }
        }

        private func enter(_ name: String, _ instance: Int) async throws -> V2Client {
            try await Cluster.current[instance].bearer(SignedToken.good(name))
        }

        /// Until instances know each other, each limits its own part.
        private func awaitAcquaintance() async throws {
            for asked in 0..<2 {
                var number = 0
                try await eventually("what was sent on the other instance to count on server-\(asked)") {
                    number += 1
                    let name = "probe-\(asked)-\(number)"
                    let (there, here) = (try await enter(name, 1 - asked), try await enter(name, asked))
                    for _ in 0..<20 { _ = try await isAccepted(there) }
                    let counts = try await !isAccepted(here)
                    try await there.close()
                    try await here.close()
                    return counts
                }
            }
        }

        @Test("Sessions on both have one rate, a reconnect keeps it, and others are not concerned")
        func oneRate() async throws {
            try await awaitAcquaintance()
            let sessions = [try await enter("alice", 0), try await enter("alice", 1)]
            var accepted = 0
            for number in 0..<60 where try await isAccepted(sessions[number % 2]) { accepted += 1 }
            // Beyond the limit is what was sent in the milliseconds before the other instance heard of it: without any
            // word between them it would be 40.
            #expect((20...30).contains(accepted), "\(accepted)")
            for session in sessions { try await session.close() }
            for instance in 0..<2 {
                let again = try await enter("alice", instance)
                #expect(try await !isAccepted(again))
                try await again.close()
            }
            for instance in 0..<2 {
                let other = try await enter("bob-\(instance)", instance)
                for _ in 0..<20 { #expect(try await isAccepted(other)) }
                #expect(try await !isAccepted(other))
                try await other.close()
            }
            #expect(try #require(await Cluster.current[0].metric("chat_rate_limited_total")) > 0)
            #expect(try await Cluster.current[0].metric("chat_rate_uncounted_total") == 0)
        }
    }
}
