import Testing

@testable import ChatBench

@Suite("The report of a load")
struct LoadReportTests {
    private func report() -> LoadReport {
        let latency = LatencySummary(count: 10, p50: 12, p90: 13, p99: 14, p999: 15, max: 16)
        return LoadReport(
            workload: "fanout", version: "1", run: "abcdef",
            plan: LoadReport.Plan(
                addresses: ["localhost:8080"], dialect: "v2", rooms: 1, membersPerRoom: 1000, sendersPerRoom: 1000,
                connections: 1000, idleRooms: 0, rate: 50, warmupSeconds: 2, seconds: 10, contentBytes: 54,
                frameBytes: 190),
            messages: LoadReport.Messages(
                sent: 600, acknowledged: 590, refused: ["rate_limited": 10], unanswered: 0, skipped: 0, mostUnderWay: 3),
            deliveries: 600_000, latencies: LoadReport.Latencies(delivery: latency, round: latency),
            measured: SpanReport(
                seconds: 10, deliveries: 500_000, acknowledged: 490, otherFrames: 5, ownCores: 0.25,
                processes: [
                    ProcessUse(name: "server", pid: 1, isReadable: true, user: 1, kernel: 4),
                    ProcessUse(name: "nats", pid: 2, isReadable: true, user: 0.5, kernel: 0.5),
                ]),
            floor: FloorReport(
                framesPerWrite: 1, frames: 500_000, writes: 500_000, frameBytes: 190, perSecond: 50_000,
                userMicroseconds: 0.5, kernelMicroseconds: 7.5,
                round: LatencySummary(count: 10, p50: 10, p90: 10, p99: 10, p999: 10, max: 10), ownCores: 0.2))
    }

    @Test func `a delivery costs what all processes used, and is compared with the floor`() {
        let report = report()
        #expect(report.microsecondsPerUnit == 12)
        #expect(report.costRatio == 1.5)
        #expect(report.roundRatio == 1.2)
    }

    @Test func `a cost is not told where one of the processes could not be read`() {
        var report = report()
        report.measured.processes[1].isReadable = false
        #expect(report.microsecondsPerUnit == nil && report.costRatio == nil)
        #expect(LoadTable(report: report).description.contains("gone"))
    }

    @Test func `machines can read it, and it is the same afterwards`() throws {
        let report = report()
        #expect(try LoadReport(json: report.json) == report)
        let text = String(decoding: try report.json, as: UTF8.self)
        #expect(text.contains(#""rate_limited" : 10"#) && text.contains(#""members_per_room" : 1000"#))
    }

    @Test func `people see the figures, and what is wrong`() {
        var report = report()
        let sound = LoadTable(report: report).description
        for words in ["50 000", "12.0", "ratio to the floor", "refused: rate_limited", "SOUND: nothing"] {
            #expect(sound.contains(words), "\(words) in\n\(sound)")
        }
        #expect(!sound.contains("WARNING"))
        report.faults.lost = 3
        report.faults.dropped = ["closed with 1013 too slow": 2]
        report.measured.ownCores = 0.93
        let unsound = LoadTable(report: report).description
        for words in ["NOT SOUND", "3 deliveries lost", "2 connections dropped: closed with 1013 too slow", "WARNING"] {
            #expect(unsound.contains(words), "\(words) in\n\(unsound)")
        }
    }

    @Test func `what was due and never sent is shown, and no fault of the server's`() {
        var report = report()
        report.messages?.neverSent = 1234
        let text = LoadTable(report: report).description
        for words in ["due, never sent", "WARNING: 1 234 messages were due and never sent", "\nSOUND"] {
            #expect(text.contains(words), "\(words) in\n\(text)")
        }
        #expect(LoadSummary(reports: [report]).description.contains("WARNING: fanout: 1 234 messages"))
    }

    @Test func `what is wrong with the floor is wrong with the report, in its name`() throws {
        var report = report()
        var floor = report
        floor.floor?.frames = 7
        report.floor = nil
        floor.faults.lost = 2
        floor.faults.dropped = ["the server hung up": 1]
        report.add(floor: floor)
        #expect(report.floor == floor.floor)
        #expect(!report.faults.isNone && report.faults.lost == 0 && report.faults.dropped.isEmpty)
        #expect(
            report.faults.lines == ["floor: 2 deliveries lost", "floor: 1 connections dropped: the server hung up"])
        #expect(LoadTable(report: report).description.hasSuffix("floor: 1 connections dropped: the server hung up"))
        #expect(try LoadReport(json: report.json) == report)
    }

    @Test func `several reports are one table`() {
        var second = report()
        second.title = "many rooms"
        second.faults.repeated = 1
        let lines = LoadSummary(reports: [report(), second]).description.split(separator: "\n")
        #expect(lines[1].hasPrefix("fanout") && lines[1].hasSuffix("yes"))
        #expect(lines[2].hasPrefix("many rooms") && lines[2].hasSuffix("NO"))
        #expect(lines[0].count >= lines[1].count)
    }

    @Test(arguments: [(0.0, "0.000"), (0.1234, "0.123"), (1.236, "1.24"), (12.34, "12.3"), (1234.5, "1234")])
    func `figures have as many digits as count`(value: Double, expected: String) {
        #expect(Figure.decimal(value) == expected)
    }

    @Test func `thousands are set apart`() {
        #expect(Figure.count(0) == "0" && Figure.count(999) == "999" && Figure.count(1000) == "1 000")
        #expect(Figure.count(-1_234_567) == "-1 234 567" && Figure.count(Int.min).hasPrefix("-9 223"))
    }
}
