import CoreMetrics
import Dispatch
import Synchronization
import Testing

@testable import InfrastructureObservability

struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry()

    @Test func `an empty registry renders nothing`() {
        #expect(registry.render() == "")
    }

    @Test func `a counter has its help, its type and its value`() {
        let counter = Counter(label: "chat_deliveries_total", dimensions: [], factory: registry)
        counter.increment(by: 3)
        counter.increment()
        let expected = """
            # HELP chat_deliveries_total Messages and notices written to connections.
            # TYPE chat_deliveries_total counter
            chat_deliveries_total 4

            """
        #expect(registry.render() == expected)
    }

    @Test func `families are sorted by name, and their series by labels`() {
        Counter(label: "b", dimensions: [("x", "2")], factory: registry).increment()
        Counter(label: "b", dimensions: [("x", "1")], factory: registry).increment()
        registry.makeMeter(label: "a", dimensions: []).set(1.5)
        registry.gauge("c") { -7 }
        let expected = """
            # TYPE a gauge
            a 1.5
            # TYPE b counter
            b{x="1"} 1
            b{x="2"} 1
            # TYPE c gauge
            c -7

            """
        #expect(registry.render() == expected)
    }

    @Test func `labels are sorted, and what they hold is escaped`() {
        let dimensions = [("b", "x\"y\\z\nw"), ("a", "日本")]
        Counter(label: "n", dimensions: dimensions, factory: registry).increment()
        #expect(registry.render() == "# TYPE n counter\nn{a=\"日本\",b=\"x\\\"y\\\\z\\nw\"} 1\n")
    }

    @Test func `the same name and labels are the same series, in whatever order`() {
        Counter(label: "n", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "n", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        Counter(label: "n", dimensions: [("a", "1"), ("b", "3")], factory: registry).increment()
        #expect(registry.render().contains(#"n{a="1",b="2"} 2"#))
        #expect(registry.render().contains(#"n{a="1",b="3"} 1"#))
    }

    @Test func `a counter that is destroyed keeps its value`() {
        let counter = Counter(label: "n", dimensions: [], factory: registry)
        counter.increment()
        counter.destroy()
        Counter(label: "n", dimensions: [], factory: registry).increment()
        #expect(registry.render().contains("n 2\n"))
    }

    @Test func `a gauge is computed when somebody looks`() {
        let looks = Atomic(0)
        registry.gauge("g") { Double(looks.add(1, ordering: .relaxed).newValue) }
        #expect(looks.load(ordering: .relaxed) == 0)
        #expect(registry.render() == "# TYPE g gauge\ng 1\n")
        #expect(registry.render() == "# TYPE g gauge\ng 2\n")
    }

    @Test(arguments: [
        (0.0, "0"), (-1, "-1"), (0.25, "0.25"), (1e14, "100000000000000"), (1e15, "1000000000000000.0"),
        (1e300, "1e+300"),
    ])
    func `whole numbers are written without a point as far as they are exact`(value: Double, text: String) {
        #expect(PrometheusRegistry.number(value) == text)
    }

    @Test(arguments: [Double.infinity, -.infinity, .nan])
    func `what is no number does not stop the rendering`(value: Double) {
        registry.gauge("g") { value }
        #expect(registry.render().hasPrefix("# TYPE g gauge\ng "))
    }

    @Test func `counting on many threads loses nothing`() {
        let counter = Counter(label: "n", dimensions: [], factory: registry)
        let gauge = registry.makeMeter(label: "m", dimensions: [])
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<5000 {
                counter.increment()
                gauge.increment(by: 1)
            }
        }
        #expect(registry.render() == "# TYPE m gauge\nm 20000\n# TYPE n counter\nn 20000\n")
    }
}
