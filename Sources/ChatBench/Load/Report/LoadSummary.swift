/// Several reports in one table, a line each.
struct LoadSummary: CustomStringConvertible {
    let reports: [LoadReport]

    var description: String {
        var table = TextTable()
        table.add([
            "workload", "per second", "µs each", "floor", "ratio", "p50 to all", "p99", "ratio", "KiB/conn.",
            "load's cores",
            "sound",
        ])
        for report in reports { table.add(line(report)) }
        return
            (table.lines + [
                "",
                "Per second: deliveries, appended messages, or connections opened. µs each: of all watched processes,",
                "per delivery, message or join; the floor is a bare send() of the same frame, in the same run. ms to all",
                "members, for append until the ack; its ratio is to the floor's own p50.",
            ] + warnings).joined(separator: "\n")
    }

    private var warnings: [String] {
        reports.compactMap { report in
            guard let messages = report.messages, messages.neverSent > 0 else { return nil }
            return "WARNING: \(report.title ?? report.workload): \(Figure.count(messages.neverSent)) messages were due "
                + "and never sent"
        }
    }

    private func line(_ report: LoadReport) -> [String] {
        let latency = report.latencies?.round ?? report.latencies?.ack ?? report.opening?.latency
        let isOpening = report.workload == "join" || report.workload == "idle"
        let perSecond =
            isOpening
            ? report.opening?.perSecond ?? 0
            : report.workload == "floor"
                ? report.floor?.perSecond ?? 0
                : report.measured.perSecond(report.unit?.count ?? report.measured.deliveries)
        let server = report.opening.flatMap { opening in
            opening.span.processes.first { $0.isReadable }?.growth(per: opening.opened)
        }
        return [
            report.title ?? report.workload, Figure.count(perSecond), Self.shown(report.microsecondsPerUnit),
            Self.shown(report.floor?.microseconds), Self.shown(report.costRatio), Self.shown(latency?.p50),
            Self.shown(latency?.p99), Self.shown(report.roundRatio),
            isOpening ? Self.shown(server.map { Double($0) / 1024 }) : "-",
            Figure.decimal(report.charged.ownCores) + (report.isLoadBusy ? "!" : ""),
            report.faults.isNone ? "yes" : "NO",
        ]
    }

    private static func shown(_ value: Double?) -> String { value.map(Figure.decimal) ?? "-" }
}
