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

    func lines(_ name: String, labels: String) -> [String] {
        [sample(name, labels, String(value.load(ordering: .relaxed)))]
    }
}

/// A value that is set or moved; also serves as a counter of fractions.
final class PrometheusGauge: MeterHandler, FloatingPointCounterHandler, PrometheusMetric {
    let kind: String
    private let value = Mutex(0.0)

    init(kind: String) { self.kind = kind }

    func set(_ new: Int64) { set(Double(new)) }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func reset() { set(0.0) }

    func lines(_ name: String, labels: String) -> [String] {
        [sample(name, labels, PrometheusRegistry.number(value.withLock { $0 }))]
    }
}

/// Fixed buckets; times in seconds, as Prometheus wants them.
final class PrometheusHistogram: RecorderHandler, TimerHandler, PrometheusMetric {
    static let seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    static let counts = [1.0, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]

    private struct State {
        var buckets: [Int]
        var count = 0
        var sum = 0.0
    }

    let kind = "histogram"
    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(buckets: Array(repeating: 0, count: bounds.count)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            if let bucket { state.buckets[bucket] += 1 }
            state.count += 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func lines(_ name: String, labels: String) -> [String] {
        let state = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var lines: [String] = []
        var total = 0
        for (bound, count) in zip(bounds, state.buckets) {
            total += count
            let bound = PrometheusRegistry.number(bound)
            lines.append(sample(name + "_bucket", prefix + "le=\"\(bound)\"", String(total)))
        }
        lines.append(sample(name + "_bucket", prefix + "le=\"+Inf\"", String(state.count)))
        lines.append(sample(name + "_sum", labels, PrometheusRegistry.number(state.sum)))
        lines.append(sample(name + "_count", labels, String(state.count)))
        return lines
    }
}
