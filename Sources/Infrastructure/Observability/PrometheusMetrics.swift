import CoreMetrics
import Synchronization

/// One series as Prometheus sees it.
protocol PrometheusMetric: AnyObject, Sendable {
    /// The word after `# TYPE`.
    var kind: String { get }
    func lines(_ name: String, labels: String) -> [String]
}

private func sample(_ name: String, _ labels: String, _ value: String) -> String {
    labels.isEmpty ? "\(name) \(value)" : "\(name){\(labels)} \(value)"
}

/// Counting is one atomic addition, some 3 ns.
final class PrometheusCounter: CounterHandler, PrometheusMetric {
    let kind = "counter"
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }

    func reset() { value.store(0, ordering: .relaxed) }

    var count: Int64 { value.load(ordering: .relaxed) }

    func lines(_ name: String, labels: String) -> [String] { [sample(name, labels, String(count))] }
}

/// A value that can be set, increased and decreased.
final class PrometheusGauge: MeterHandler, PrometheusMetric {
    let kind = "gauge"
    private let value = Mutex(0.0)

    func set(_ new: Int64) { set(Double(new)) }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func lines(_ name: String, labels: String) -> [String] {
        [sample(name, labels, PrometheusRegistry.number(value.withLock { $0 }))]
    }
}

/// A histogram of times with fixed buckets.
///
/// Recording is two atomic additions, and one comparison for each bucket below. There is no lock, because every event
/// loop records. The buckets range from the time that an embedded server needs for a message to the time after which
/// clients have given up.
final class PrometheusHistogram: TimerHandler, PrometheusMetric {
    /// The upper bounds in nanoseconds: 50 µs to 10 s.
    static let bounds: [Int64] = [
        50_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000,
        1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000,
    ]

    let kind = "histogram"
    /// The number of times that are at most the bound of the same index and more than the bound before; the last entry
    /// counts those above all bounds.
    private let buckets = (0...bounds.count).map { _ in PrometheusCounter() }
    /// The sum of all times in nanoseconds: enough for 292 years.
    private let sum = Atomic<Int64>(0)

    func recordNanoseconds(_ duration: Int64) {
        // Clocks that are read on two threads may differ by some nanoseconds.
        let duration = max(0, duration)
        var bucket = 0
        while bucket < Self.bounds.count, duration > Self.bounds[bucket] { bucket += 1 }
        buckets[bucket].increment(by: 1)
        sum.wrappingAdd(duration, ordering: .relaxed)
    }

    /// In seconds, as Prometheus expects. A time that is recorded meanwhile may or may not be in the sum. The count is
    /// that of the buckets.
    func lines(_ name: String, labels: String) -> [String] {
        let prefix = labels.isEmpty ? "" : labels + ","
        var lines: [String] = []
        var total: Int64 = 0
        for (index, bucket) in buckets.enumerated() {
            total += bucket.count
            let bound = index < Self.bounds.count ? PrometheusRegistry.number(Self.seconds(Self.bounds[index])) : "+Inf"
            lines.append(sample(name + "_bucket", prefix + "le=\"\(bound)\"", String(total)))
        }
        let seconds = Self.seconds(sum.load(ordering: .relaxed))
        lines.append(sample(name + "_sum", labels, PrometheusRegistry.number(seconds)))
        lines.append(sample(name + "_count", labels, String(total)))
        return lines
    }

    private static func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }
}
