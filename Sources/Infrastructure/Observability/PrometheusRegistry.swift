public import CoreMetrics
import Synchronization

/// A swift-metrics backend that renders everything in the text format that Prometheus scrapes
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
///
/// It is passed to the code that counts, and not bootstrapped for the whole process, so that two servers in one test do
/// not share counts.
public final class PrometheusRegistry: MetricsFactory {
    private struct State {
        var series: [Series: any PrometheusMetric] = [:]
        /// The gauges and counters that are computed on each scrape.
        var computed: [String: (kind: String, value: @Sendable () -> Double)] = [:]
    }

    private struct Series: Hashable {
        let name: String
        let labels: String
    }

    private let state = Mutex(State())

    public init() {}

    /// A gauge that is computed on each scrape, and costs nothing otherwise.
    public func gauge(_ name: String, _ value: @escaping @Sendable () -> Double) {
        state.withLock { $0.computed[name] = ("gauge", value) }
    }

    /// A counter that other code keeps, and that is read on each scrape.
    public func counter(_ name: String, _ value: @escaping @Sendable () -> Int) {
        state.withLock { $0.computed[name] = ("counter", { Double(value()) }) }
    }

    /// The value of a counter, whatever its labels: the sum of its series. Zero where there is none.
    public func total(of name: String) -> Int {
        let counters = state.withLock { state in state.series.filter { $0.key.name == name }.values }
        return counters.reduce(0) { $0 + Int(($1 as? PrometheusCounter)?.count ?? 0) }
    }

    /// All series, sorted by name. `HELP` is included if ``MetricHelp`` knows the name.
    public func render() -> String {
        let (series, computed) = state.withLock { ($0.series, $0.computed) }
        var families: [String: (kind: String, lines: [String])] = [:]
        for (key, metric) in series.sorted(by: { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }) {
            families[key.name, default: (metric.kind, [])].lines += metric.lines(key.name, labels: key.labels)
        }
        for (name, metric) in computed {
            families[name] = (metric.kind, ["\(name) \(Self.number(metric.value()))"])
        }
        return families.sorted { $0.key < $1.key }.map { name, family in
            var lines = MetricHelp.texts[name].map { ["# HELP \(name) \($0)"] } ?? []
            lines.append("# TYPE \(name) \(family.kind)")
            return (lines + family.lines).joined(separator: "\n") + "\n"
        }.joined()
    }

    static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private func metric<Metric: PrometheusMetric>(
        _ label: String, _ dimensions: [(String, String)], _ make: () -> Metric
    ) -> Metric {
        let labels = dimensions.sorted { $0.0 < $1.0 }
            .map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        let key = Series(name: label, labels: labels)
        return state.withLock { state in
            if let known = state.series[key] as? Metric { return known }
            let metric = make()
            state.series[key] = metric
            return metric
        }
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        metric(label, dimensions) { PrometheusCounter() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        metric(label, dimensions) { PrometheusGauge() }
    }

    /// Not exported: only times have distributions here.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        metric(label, dimensions) { PrometheusHistogram() }
    }

    // Series live as long as the registry, because a scraper must see a counter even if it does not change.
    public func destroyCounter(_: any CounterHandler) {}
    public func destroyMeter(_: any MeterHandler) {}
    public func destroyRecorder(_: any RecorderHandler) {}
    public func destroyTimer(_: any TimerHandler) {}
}
