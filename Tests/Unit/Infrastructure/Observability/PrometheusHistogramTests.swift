import CoreMetrics
import Dispatch
import Testing

@testable import InfrastructureObservability

struct PrometheusHistogramTests {
    private let registry = PrometheusRegistry()

    private func timer(_ dimensions: [(String, String)] = []) -> CoreMetrics.Timer {
        Timer(label: "t", dimensions: dimensions, factory: registry)
    }

    /// What is rendered after the type, as pairs of a series and its value.
    private var lines: [String: String] {
        let pairs = registry.render().split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
        return Dictionary(pairs.map { (String($0[0]), String($0[1])) }) { first, _ in first }
    }

    @Test func `one in which nothing was recorded is exported, with zeros`() {
        _ = timer()
        #expect(registry.render().hasPrefix("# TYPE t histogram\nt_bucket{le=\"5e-05\"} 0\n"))
        #expect(lines.count == PrometheusHistogram.bounds.count + 3)
        #expect(lines.values.allSatisfy { $0 == "0" })
    }

    @Test func `times are in seconds, the buckets cumulative, and the last one is all there is`() {
        let timer = timer([("l", "v")])
        for microseconds in [20, 50, 51, 800, 3_000, 12_000_000] { timer.recordMicroseconds(microseconds) }
        let expected = """
            # TYPE t histogram
            t_bucket{l="v",le="5e-05"} 2
            t_bucket{l="v",le="0.0001"} 3
            t_bucket{l="v",le="0.00025"} 3
            t_bucket{l="v",le="0.0005"} 3
            t_bucket{l="v",le="0.001"} 4
            t_bucket{l="v",le="0.0025"} 4
            t_bucket{l="v",le="0.005"} 5
            t_bucket{l="v",le="0.01"} 5
            t_bucket{l="v",le="0.025"} 5
            t_bucket{l="v",le="0.05"} 5
            t_bucket{l="v",le="0.1"} 5
            t_bucket{l="v",le="0.25"} 5
            t_bucket{l="v",le="0.5"} 5
            t_bucket{l="v",le="1"} 5
            t_bucket{l="v",le="2.5"} 5
            t_bucket{l="v",le="5"} 5
            t_bucket{l="v",le="10"} 5
            t_bucket{l="v",le="+Inf"} 6
            t_sum{l="v"} 12.003921
            t_count{l="v"} 6

            """
        #expect(registry.render() == expected)
    }

    @Test(arguments: PrometheusHistogram.bounds.enumerated().map { ($0, $1) })
    func `a bound is in its own bucket, and a nanosecond more in the next`(index: Int, bound: Int64) {
        let timer = timer()
        timer.recordNanoseconds(bound)
        timer.recordNanoseconds(bound + 1)
        let name = PrometheusRegistry.number(Double(bound) / 1e9)
        #expect(lines["t_bucket{le=\"\(name)\"}"] == "1")
        if index > 0 {
            let before = PrometheusRegistry.number(Double(PrometheusHistogram.bounds[index - 1]) / 1e9)
            #expect(lines["t_bucket{le=\"\(before)\"}"] == "0")
        }
        #expect(lines["t_count"] == "2")
    }

    @Test func `a time below zero counts as none`() {
        timer().recordNanoseconds(-5)
        #expect(lines["t_bucket{le=\"5e-05\"}"] == "1")
        #expect(lines["t_sum"] == "0")
    }

    @Test func `the bounds go up, from 50 µs to 10 s`() {
        #expect(PrometheusHistogram.bounds == PrometheusHistogram.bounds.sorted())
        #expect(Set(PrometheusHistogram.bounds).count == PrometheusHistogram.bounds.count)
        #expect(PrometheusHistogram.bounds.first == 50_000)
        #expect(PrometheusHistogram.bounds.last == 10_000_000_000)
    }

    @Test func `recording on many threads loses nothing`() {
        let timer = timer()
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            for _ in 0..<5000 { timer.recordMilliseconds(thread + 1) }
        }
        #expect(lines["t_bucket{le=\"0.001\"}"] == "5000")
        #expect(lines["t_bucket{le=\"0.0025\"}"] == "10000")
        #expect(lines["t_bucket{le=\"0.005\"}"] == "20000")
        #expect(lines["t_count"] == "20000")
        #expect(lines["t_sum"] == "50")
    }
}
