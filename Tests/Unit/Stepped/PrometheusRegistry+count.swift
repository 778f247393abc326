import InfrastructureObservability

extension PrometheusRegistry {
    /// The value of a counter; nil for one that nobody has made.
    func count(_ metric: String) -> Int? {
        let line = render().split(separator: "\n").first { $0.hasPrefix(metric + " ") }
        return line.flatMap { Int($0.dropFirst(metric.count + 1)) }
    }
}
