/// A report for people.
struct LoadTable: CustomStringConvertible {
    let report: LoadReport

    var description: String {
        var parts = [[headline], numbers]
        if let latencies = report.latencies { parts.append(table(latencies)) }
        if report.workload != "join" { parts.append(processes(report.measured, per: report.unit)) }
        if let opening = report.opening, report.workload == "join" || report.workload == "idle" {
            parts.append(processes(opening.span, per: (.join, opening.opened)))
            parts.append(memory(opening))
        }
        if let floor = report.floor { parts.append(table(floor)) }
        parts.append(verdict)
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var headline: String {
        let plan = report.plan
        let rooms = plan.rooms == 1 ? "1 room" : "\(Figure.count(plan.rooms)) rooms"
        let idle = plan.idleRooms > 0 ? " and \(Figure.count(plan.idleRooms)) idle rooms" : ""
        let targets = plan.addresses.isEmpty ? "" : " at \(plan.addresses.joined(separator: ", "))"
        let members = plan.membersPerRoom == 1 ? "1 member" : "\(Figure.count(plan.membersPerRoom)) members"
        return "\(report.title ?? report.workload) \(report.run): \(rooms) × \(members)\(idle) on "
            + "\(Figure.count(plan.connections)) connections (\(plan.dialect)\(plan.usesTokens == true ? ", with tokens" : ""))\(targets)"
    }

    private var numbers: [String] {
        var table = TextTable()
        if let opening = report.opening {
            table.add(["connections", Figure.count(opening.opened)])
            table.add(["opened per second", Figure.count(opening.perSecond)])
            let rooms = report.plan.rooms * report.plan.membersPerRoom + report.plan.idleRooms
            if rooms > report.plan.connections {
                table.add(["rooms entered per second", Figure.count(Double(rooms) / max(opening.seconds, 1e-9))])
            }
            if report.workload == "join" {
                table.add(["seconds until all were in", Figure.decimal(opening.seconds)])
                table.add(["frames they were sent", Figure.count(opening.span.otherFrames)])
                table.add([
                    "frames per join",
                    Figure.decimal(Double(opening.span.otherFrames) / Double(max(opening.opened, 1))),
                ])
            }
        }
        if let messages = report.messages {
            if report.plan.rate > 0 { table.add(["messages due per second", Figure.decimal(report.plan.rate)]) }
            table.add(["sent", Figure.count(messages.sent)])
            // The classic dialect has no acknowledgements.
            if report.plan.dialect != LoadPlan.Dialect.classic.rawValue {
                table.add(["acknowledged", Figure.count(messages.acknowledged)])
                table.add([
                    "acknowledged per second", Figure.count(report.measured.perSecond(report.measured.acknowledged)),
                ])
            }
            for (code, count) in messages.refused.sorted(by: { $0.key < $1.key }) {
                table.add(["refused: \(code)", Figure.count(count)])
            }
            if messages.unanswered > 0 { table.add(["unanswered", Figure.count(messages.unanswered)]) }
            if messages.skipped > 0 { table.add(["not sent, sender gone", Figure.count(messages.skipped)]) }
            if messages.neverSent > 0 { table.add(["due, never sent", Figure.count(messages.neverSent)]) }
            table.add(["most under way", Figure.count(messages.mostUnderWay)])
        }
        if report.deliveries > 0 {
            table.add(["deliveries", Figure.count(report.deliveries)])
            table.add(["deliveries per second", Figure.count(report.measured.perSecond(report.measured.deliveries))])
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
            ("connecting and entering", report.opening?.latency),
        ] {
            if let summary { table.add([name] + Self.cells(summary)) }
        }
        return table.isEmpty ? [] : table.lines
    }

    private static func cells(_ summary: LatencySummary) -> [String] {
        [summary.p50, summary.p90, summary.p99, summary.p999, summary.max].map(Figure.decimal)
            + [Figure.count(summary.count)]
    }

    private func processes(_ span: SpanReport, per unit: (unit: LoadReport.Unit, count: Int)?) -> [String] {
        guard !span.processes.isEmpty else { return [] }
        var table = TextTable()
        let isCosted = (unit?.count ?? 0) > 0
        let costs = isCosted ? ["user", "kernel", "µs/\(unit?.unit.rawValue ?? "")"] : []
        table.add(["process", "cores"] + costs + ["MiB before", "after", "most", "PSS"])
        func row(_ name: String, user: Double, kernel: Double, _ sizes: [String]) {
            func cost(_ seconds: Double) -> String { Figure.decimal(seconds * 1e6 / Double(unit?.count ?? 1)) }
            let cells = isCosted ? [cost(user), cost(kernel), cost(user + kernel)] : []
            table.add([name, Figure.decimal((user + kernel) / max(span.seconds, 1e-9))] + cells + sizes)
        }
        for use in span.processes {
            guard use.isReadable else {
                table.add(["\(use.name) (\(use.pid))", "gone"])
                continue
            }
            row(
                "\(use.name) (\(use.pid))", user: use.user, kernel: use.kernel,
                [use.residentBefore, use.resident, use.residentGreatest].map(Figure.mebibytes)
                    + [use.proportional.map(Figure.mebibytes) ?? "-"])
        }
        if span.processes.count > 1, span.processes.allSatisfy(\.isReadable) {
            row(
                "all", user: span.processes.reduce(0) { $0 + $1.user },
                kernel: span.processes.reduce(0) { $0 + $1.kernel }, [])
        }
        return table.lines
    }

    private func memory(_ opening: LoadReport.Opening) -> [String] {
        var table = TextTable()
        for use in opening.span.processes where use.isReadable && opening.opened > 0 {
            table.add(["\(use.name): bytes per connection", Figure.count(use.growth(per: opening.opened))])
        }
        return table.lines
    }

    private func table(_ floor: FloorReport) -> [String] {
        var table = TextTable()
        table.add(["floor: bare send() loop"])
        table.add(["frames per write", Figure.count(floor.framesPerWrite)])
        table.add(["frames per second", Figure.count(floor.perSecond)])
        table.add(["bytes per frame", Figure.count(floor.frameBytes)])
        table.add([
            "µs per frame (user + kernel)",
            "\(Figure.decimal(floor.microseconds)) (\(Figure.decimal(floor.userMicroseconds)) + "
                + "\(Figure.decimal(floor.kernelMicroseconds)))",
        ])
        if let round = floor.round {
            table.add(["delivery to all members, p50 (ms)", Figure.decimal(round.p50)])
            table.add(["delivery to all members, p99 (ms)", Figure.decimal(round.p99)])
        }
        if let ratio = report.costRatio { table.add(["µs per delivery, ratio to the floor", Figure.decimal(ratio)]) }
        if let ratio = report.roundRatio {
            table.add(["p50 to all members, ratio to the floor", Figure.decimal(ratio)])
        }
        table.add(["cores used for reading", Figure.decimal(floor.ownCores)])
        return table.lines
    }

    private var verdict: [String] {
        let own = report.workload == "join" ? report.charged.ownCores : report.measured.ownCores
        var lines = ["this program used \(Figure.decimal(own)) cores"]
        if report.isLoadBusy {
            lines.append(
                "WARNING: that is the most one thread can do. The figures may be the load generator's, not the server's."
            )
        }
        if let messages = report.messages, messages.neverSent > 0 {
            lines.append(
                "WARNING: \(Figure.count(messages.neverSent)) messages were due and never sent. The load was less than asked for."
            )
        }
        if report.faults.isNone {
            lines.append(
                "SOUND: nothing was lost, left unanswered, repeated or out of order, and no connection was dropped")
            return lines
        }
        return lines + ["NOT SOUND"] + report.faults.lines.map { "  " + $0 }
    }
}
