/// Enough of the Prometheus text format 0.0.4 to know that a scraper would take it.
enum PrometheusText {
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    static func check(_ text: String) throws {
        var types: [String: String] = [:]
        var samples = 0
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                guard words.count == 4, ["counter", "gauge", "histogram", "summary", "untyped"].contains(words[3]),
                    types[String(words[2])] == nil
                else { throw Malformed(description: "bad TYPE line: \(line)") }
                types[String(words[2])] = String(words[3])
            } else if !line.hasPrefix("#") {
                guard let match = line.wholeMatch(of: sample),
                    Double(match.3) != nil || ["+Inf", "-Inf", "NaN"].contains(match.3)
                else { throw Malformed(description: "bad sample: \(line)") }
                let family = ["_bucket", "_sum", "_count"].reduce(String(match.1)) { name, suffix in
                    types[name] == nil && name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
                }
                guard types[family] != nil else { throw Malformed(description: "sample without TYPE: \(line)") }
                samples += 1
            }
        }
        guard samples > 0 else { throw Malformed(description: "no samples") }
        for (name, type) in types where type == "histogram" { try checkHistogram(name, of: text) }
    }

    /// Buckets with growing bounds, none with less than the one before, the last with as much as there is.
    private static func checkHistogram(_ name: String, of text: String) throws {
        let lines = text.split(separator: "\n")
        let buckets = lines.filter { $0.hasPrefix(name + "_bucket{") }.compactMap { line in
            line.firstMatch(of: /le="([^"]+)"\} (\d+)$/).flatMap { match in
                Double(match.1 == "+Inf" ? "infinity" : match.1).flatMap { bound in Int(match.2).map { (bound, $0) } }
            }
        }
        let count = lines.first { $0.hasPrefix(name + "_count ") }.flatMap { Int($0.dropFirst(name.count + 7)) }
        guard lines.contains(where: { $0.hasPrefix(name + "_sum ") }), let last = buckets.last, last.0 == .infinity,
            last.1 == count, zip(buckets, buckets.dropFirst()).allSatisfy({ $0.0 < $1.0 && $0.1 <= $1.1 })
        else { throw Malformed(description: "bad histogram: \(name)") }
    }

    private static var sample: Regex<(Substring, Substring, Substring?, Substring)> {
        /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*\})? ([^ ]+)/
    }
}
