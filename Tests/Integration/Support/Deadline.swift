/// Something a test waited for did not come about in time.
struct TimedOut: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, after limit: Duration, seen: String = "") {
        description = "not within \(limit): \(what)" + (seen.isEmpty ? "" : "\nseen instead:\n\(seen)")
    }
}

/// Waits until `condition` holds, looking again every `interval`, and throws ``TimedOut`` at the deadline.
///
/// - Parameter seen: what to report about the last look, so that the failure explains itself.
func eventually(
    _ what: String, within limit: Duration = .seconds(10), every interval: Duration = .milliseconds(20),
    seen: () async -> String = { "" }, until condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TimedOut(what, after: limit, seen: await seen()) }
        try await Task.sleep(for: interval)
    }
}

/// Waits until `read` gives `expected`, and reports the last value it gave where it does not.
func eventually<Value: Equatable>(
    _ what: String, equals expected: Value, within limit: Duration = .seconds(10),
    _ read: () async throws -> Value
) async throws {
    let deadline = ContinuousClock.now + limit
    while true {
        let value = try await read()
        if value == expected { return }
        guard ContinuousClock.now < deadline else {
            throw TimedOut("\(what) to be \(expected)", after: limit, seen: "\(value)")
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}
