/// Which instances have said lately that they are running. A pure value, and bounded.
struct InstanceRoster {
    /// An instance that has said nothing for so long is not expected to answer.
    static let lifetime = Duration.seconds(10)
    static let maximumCount = 1000

    private var seen: [String: ContinuousClock.Instant] = [:]

    mutating func note(_ instance: String, at now: ContinuousClock.Instant) {
        if seen[instance] == nil, seen.count >= Self.maximumCount {
            seen = seen.filter { now - $0.value <= Self.lifetime }
            guard seen.count < Self.maximumCount else { return }
        }
        seen[instance] = now
    }

    /// Whether ``living(at:)`` has any.
    func hasLiving(at now: ContinuousClock.Instant) -> Bool {
        seen.contains { now - $0.value <= Self.lifetime }
    }

    /// Those that should answer a question now.
    func living(at now: ContinuousClock.Instant) -> Set<String> {
        Set(seen.filter { now - $0.value <= Self.lifetime }.keys)
    }
}
