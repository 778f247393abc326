import Testing

/// Waits until `condition` holds; the deadline is only for a test that fails.
func eventually(_ what: String, isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool)
    async throws
{
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, "\(what)")
        try await Task.sleep(for: .milliseconds(2))
    }
}
