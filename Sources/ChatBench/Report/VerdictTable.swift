/// A verdict for people.
struct VerdictTable: CustomStringConvertible {
    let verdict: Verdict

    var description: String {
        var lines = [
            "run \(verdict.run): \(verdict.clients) clients, \(Self.seconds(verdict.duration))", "",
        ]
        lines += Self.columns(numbers)
        lines += ["", "latency (ms)       p50       p90       p99       max     count"]
        lines += [row("ack", verdict.ackLatency), row("delivery", verdict.deliveryLatency)]
        if !verdict.outages.isEmpty { lines.append("") }
        for outage in verdict.outages {
            lines.append(
                "\(outage.clients) connections to \(outage.address) were lost at \(outage.at): half resumed after "
                    + "\(Self.seconds(outage.halfResumed)), all after \(Self.seconds(outage.allResumed))"
                    + (outage.lost > 0 ? ", \(outage.lost) never" : ""))
        }
        lines.append("")
        if verdict.isSound {
            lines.append("SOUND: every guarantee was kept")
        } else {
            lines.append("NOT SOUND: \(verdict.breaches.total) breaches")
            for kind in Breach.Kind.allCases {
                if let count = verdict.breaches.counts[kind] { lines.append("  \(count) × \(kind.rawValue)") }
            }
            lines.append("")
            lines += verdict.breaches.kept.map { "- \($0)" }
            let more = verdict.breaches.total - verdict.breaches.kept.count
            if more > 0 { lines.append("- and \(more) more of the same kinds") }
        }
        return lines.joined(separator: "\n")
    }

    private var numbers: [(String, String)] {
        let counts = verdict.counts
        var numbers: [(String, Int)] = [
            ("sent", counts.sent), ("acked", counts.acknowledged), ("failed", counts.failed),
            ("retries", counts.retries), ("duplicates acked", counts.duplicates), ("delivered", counts.delivered),
            ("recovered", counts.recovered), ("private sent", counts.whispersSent),
            ("private delivered", counts.whispersDelivered), ("connections", counts.connections),
        ]
        for cause in [Disconnection.Cause.lost, .dropped, .quit, .unreachable, .nameTaken] {
            if let count = counts.disconnections[cause] { numbers.append(("  \(cause.rawValue)", count)) }
        }
        numbers += [("truncated", counts.truncated), ("gaps", counts.gaps), ("epoch changes", counts.epochChanges)]
        numbers += [("history pages", counts.pages), ("join/leave notices", counts.notices)]
        if counts.overheard > 0 { numbers.append(("heard by classic", counts.overheard)) }
        for (code, count) in counts.refusals.sorted(by: { $0.key < $1.key }) {
            numbers.append(("refused \(code)", count))
        }
        return numbers.map { ($0, String($1)) }
    }

    private static func columns(_ numbers: [(String, String)]) -> [String] {
        numbers.map { name, number in pad(name, 22) + padLeft(number, 10) }
    }

    private func row(_ name: String, _ latencies: Latencies) -> String {
        let cells = [latencies.p50, latencies.p90, latencies.p99, latencies.max].map { duration in
            Self.padLeft(Self.decimal(duration.milliseconds), 10)
        }
        return Self.pad(name, 12) + cells.joined() + Self.padLeft(String(latencies.count), 10)
    }

    private static func seconds(_ duration: Duration) -> String { decimal(duration.milliseconds / 1000) + " s" }

    /// One decimal, or two below ten.
    private static func decimal(_ value: Double) -> String {
        let scale = value < 10 ? 100.0 : 10.0
        return String((value * scale).rounded() / scale)
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func padLeft(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
