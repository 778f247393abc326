/// A report for people.
struct LoadTable: CustomStringConvertible {
    let report: LoadReport

    var description: String {
        var lines = [headline, ""]
        lines += numbers
        if let latencies = report.latencies { lines += [""] + table(latencies) }
        if !report.processes.isEmpty { lines += [""] + processes }
        if let floor = report.floor { lines += [""] + table(floor) }
        lines += [""] + verdict
        return lines.joined(separator: "\n")
    }

    private var headline: String {
        let plan = report.plan
        let rooms = plan.rooms == 1 ? "1 room" : "\(Figure.count(plan.rooms)) rooms"
        let idle = plan.idleRooms > 0 ? " and \(Figure.count(plan.idleRooms)) idle rooms" : ""
        let targets = plan.addresses.isEmpty ? "" : " at \(plan.addresses.joined(separator: ", "))"
        return "\(report.workload) \(report.run): \(rooms) × \(Figure.count(plan.membersPerRoom)) members\(idle) on "
            + "\(Figure.count(plan.connections)) connections (\(plan.dialect))\(targets)"
    }

    private var numbers: [String] {
        var table = TextTable()
        if let connecting = report.connecting {
            table.add(["connections opened per second", Figure.count(connecting.perSecond)])
        }
        if let messages = report.messages {
            table.add(["messages due per second", Figure.decimal(report.plan.rate)])
            table.add(["sent", Figure.count(messages.sent)])
            table.add(["acknowledged", Figure.count(messages.acknowledged)])
            for (code, count) in messages.refused.sorted(by: { $0.key < $1.key }) {
                table.add(["refused: \(code)", Figure.count(count)])
            }
            if messages.unanswered > 0 { table.add(["unanswered", Figure.count(messages.unanswered)]) }
            if messages.skipped > 0 { table.add(["not sent, sender gone", Figure.count(messages.skipped)]) }
            table.add(["most under way", Figure.count(messages.mostUnderWay)])
        }
        if let deliveries = report.deliveries {
            table.add(["deliveries", Figure.count(deliveries.count)])
            table.add(["deliveries per second", Figure.count(deliveries.perSecond)])
            table.add(["other frames", Figure.count(deliveries.otherFrames)])
        }
        if let bytes = report.plan.frameBytes { table.add(["bytes per delivery", Figure.count(bytes)]) }
        return table.lines
    }

    private func table(_ latencies: LoadReport.Latencies) -> [String] {
        var table = TextTable()
        table.add(["latency (ms)", "p50", "p90", "p99", "p99.9", "max", "count"])
        for (name, summary) in [
            ("delivery to a member", latencies.delivery), ("delivery to all members", latencies.round),
            ("ack", latencies.ack), ("sent late by", latencies.sentLate),
        ] {
            if let summary { table.add([name] + Self.cells(summary)) }
        }
        return table.lines
    }

    private static func cells(_ summary: LatencySummary) -> [String] {
        [summary.p50, summary.p90, summary.p99, summary.p999, summary.max].map(Figure.decimal)
            + [Figure.count(summary.count)]
    }

    private var processes: [String] {
        var table = TextTable()
        let deliveries = report.deliveries.map { Double($0.measured) } ?? 0
        table.add(["process", "cores", "user", "kernel", "µs/delivery", "MiB before", "after", "most", "PSS"])
        func perDelivery(_ seconds: Double) -> String {
            deliveries > 0 ? Figure.decimal(seconds * 1e6 / deliveries) : "-"
        }
        for use in report.processes {
            guard use.isReadable else {
                table.add(["\(use.name) (\(use.pid))", "gone"])
                continue
            }
            table.add([
                "\(use.name) (\(use.pid))", Figure.decimal((use.user + use.kernel) / max(report.measuredSeconds, 1e-9)),
                perDelivery(use.user), perDelivery(use.kernel), perDelivery(use.user + use.kernel),
                Figure.mebibytes(use.residentBefore), Figure.mebibytes(use.resident),
                Figure.mebibytes(use.residentGreatest), use.proportional.map(Figure.mebibytes) ?? "-",
            ])
        }
        if let all = report.microsecondsPerDelivery {
            let seconds = report.processes.reduce(0) { $0 + $1.user + $1.kernel }
            table.add([
                "all", Figure.decimal(seconds / max(report.measuredSeconds, 1e-9)),
                perDelivery(report.processes.reduce(0) { $0 + $1.user }),
                perDelivery(report.processes.reduce(0) { $0 + $1.kernel }), Figure.decimal(all),
            ])
        }
        return table.lines
    }

    private func table(_ floor: FloorReport) -> [String] {
        var table = TextTable()
        table.add(["floor: bare send() loop", ""])
        table.add(["frames per write", Figure.count(floor.framesPerWrite)])
        table.add(["frames per second", Figure.count(floor.perSecond)])
        table.add(["bytes per frame", Figure.count(floor.frameBytes)])
        table.add([
            "µs per frame (user + kernel)",
            "\(Figure.decimal(floor.microseconds)) (\(Figure.decimal(floor.userMicroseconds)) + "
                + "\(Figure.decimal(floor.kernelMicroseconds)))",
        ])
        if let round = floor.round { table.add(["round to all members, p50 (ms)", Figure.decimal(round.p50)]) }
        if let round = floor.round { table.add(["round to all members, p99 (ms)", Figure.decimal(round.p99)]) }
        if let all = report.microsecondsPerDelivery, floor.microseconds > 0 {
            table.add(["µs per delivery, ratio to the floor", Figure.decimal(all / floor.microseconds)])
        }
        if let ours = report.latencies?.round, let round = floor.round, round.p50 > 0 {
            table.add(["round p50, ratio to the floor", Figure.decimal(ours.p50 / round.p50)])
        }
        table.add(["cores used for reading", Figure.decimal(floor.ownCores)])
        return table.lines
    }

    private var verdict: [String] {
        var lines = ["this program used \(Figure.decimal(report.ownCores)) cores"]
        if report.isLoadBusy {
            lines.append(
                "WARNING: that is the most one thread can do. The figures may be the load generator's, not the server's."
            )
        }
        let faults = report.faults
        if faults.isNone {
            lines.append("SOUND: nothing was lost, repeated or out of order, and no connection was dropped")
            return lines
        }
        lines.append("NOT SOUND")
        for (words, count) in [
            ("deliveries lost", faults.lost), ("repeated", faults.repeated), ("out of order", faults.disordered),
            ("of unknown messages", faults.strangers), ("gaps told of", faults.gaps),
        ] where count > 0 {
            lines.append("  \(Figure.count(count)) \(words)")
        }
        for (cause, count) in faults.dropped.sorted(by: { $0.value > $1.value }) {
            lines.append("  \(Figure.count(count)) connections dropped: \(cause)")
        }
        return lines
    }
}
