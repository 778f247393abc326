import Histogram

/// The latencies of all occurrences of something: microseconds with three digits, for any number of them.
struct LatencyRecord: Sendable {
    /// An hour; longer times count as an hour.
    private static let longest: UInt64 = 3_600_000_000
    private var histogram = Histogram<UInt64>(highestTrackableValue: longest, numberOfSignificantValueDigits: .three)

    @inline(__always)
    mutating func record(nanoseconds: Int64) {
        histogram.record(min(UInt64(max(nanoseconds, 0)) / 1000, Self.longest))
    }

    var summary: LatencySummary? {
        guard histogram.totalCount > 0 else { return nil }
        func milliseconds(_ percentile: Double) -> Double {
            Double(histogram.valueAtPercentile(percentile)) / 1000
        }
        return LatencySummary(
            count: Int(histogram.totalCount), p50: milliseconds(50), p90: milliseconds(90), p99: milliseconds(99),
            p999: milliseconds(99.9), max: Double(histogram.max) / 1000)
    }
}

/// Percentiles, in milliseconds.
struct LatencySummary: Codable, Equatable, Sendable {
    var count: Int
    var p50: Double
    var p90: Double
    var p99: Double
    var p999: Double
    var max: Double
}
