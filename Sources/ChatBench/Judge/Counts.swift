/// The counts of a run.
struct Counts: Equatable, Sendable {
    /// Messages to rooms; each counts once, however often it was tried.
    var sent = 0
    var acknowledged = 0
    /// Messages that the client gave up because the server refused them for good.
    var failed = 0
    var duplicates = 0
    /// Tries beyond the first.
    var retries = 0
    /// Live messages shown.
    var delivered = 0
    /// Messages shown in resumes.
    var recovered = 0
    var whispersSent = 0
    var whispersDelivered = 0
    var overheard = 0
    var connections = 0
    var disconnections: [Disconnection.Cause: Int] = [:]
    var refusals: [String: Int] = [:]
    var truncated = 0
    var gaps = 0
    /// Views that had to begin again in another epoch.
    var epochChanges = 0
    var pages = 0
    var notices = 0
}

extension Counts {
    static func += (sum: inout Counts, other: Counts) {
        for field: WritableKeyPath<Counts, Int> in [
            \.sent, \.acknowledged, \.failed, \.duplicates, \.retries, \.delivered, \.recovered, \.whispersSent,
            \.whispersDelivered, \.overheard, \.connections, \.truncated, \.gaps, \.epochChanges, \.pages, \.notices,
        ] { sum[keyPath: field] += other[keyPath: field] }
        sum.disconnections.merge(other.disconnections, uniquingKeysWith: +)
        sum.refusals.merge(other.refusals, uniquingKeysWith: +)
    }
}
