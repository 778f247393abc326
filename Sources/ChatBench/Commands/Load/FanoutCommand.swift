import ArgumentParser
import Foundation

#if os(Linux)
    struct FanoutCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fanout",
            abstract: "Messages to rooms full of members.",
            discussion: """
                All members enter their rooms, then messages are sent for --warmup and --seconds. The rooms take turns, and \
                in each its senders. A server limits how much a session may send: keep --rate below senders × \
                rate_limit_messages ÷ rate_limit_window_seconds, or raise that limit.
                """)

        @OptionGroup var target: TargetOptions
        @OptionGroup var crowd: CrowdOptions
        @Option(help: "Messages per second, of all senders together.")
        var rate = 50.0
        @Option(help: "How many members of each room send. (default: all)")
        var senders: Int?
        @Option(help: "How many connections there are, each in several rooms. (default: one per member)")
        var connections: Int?
        @Option(help: "So many more rooms have one member each, and nothing happens there.")
        var idleRooms = 0
        @Option(
            help: "Which dialect the clients speak: v2, classic, or mixed (every other one is classic).")
        var dialect = SpokenDialect.v2
        @OptionGroup var span: SpanOptions
        @OptionGroup var report: ReportOptions
        @Flag(help: "Afterwards measure a bare loop of send() calls with the same frames at the same rate.")
        var floor = false
        @Option(help: ArgumentHelp("Run that loop on this processor.", valueName: "number"))
        var floorProcessor: Int?

        func validate() throws {
            if !(0.001...10_000_000).contains(rate) { throw ValidationError("--rate must be from 0.001 to 10000000.") }
            if let senders, !(1...crowd.members).contains(senders) {
                throw ValidationError("--senders must be from 1 to --members.")
            }
            if let connections, !(crowd.members...crowd.rooms * crowd.members).contains(connections) {
                throw ValidationError("--connections must be from --members to --rooms × --members.")
            }
            if !(0...1_000_000).contains(idleRooms) { throw ValidationError("--idle-rooms must be from 0 to 1000000.") }
            if dialect != .v2, (connections ?? crowd.everybody) < crowd.everybody || idleRooms > 0 {
                throw ValidationError("A classic client is in one room only: --connections and --idle-rooms need v2.")
            }
        }

        func run() throws {
            var plan = crowd.plan(connections: connections)
            plan.compresses = target.compression
            plan.sendersPerRoom = senders ?? crowd.members
            plan.idleRooms = idleRooms
            plan.dialect = dialect.planned
            let outcome = try LoadRun(
                workload: .fanout(rate: rate), plan: plan, targets: try target.targets(),
                concurrency: target.concurrency, warmup: span.warmup, seconds: span.seconds, settle: span.settle,
                watched: report.watched, signer: target.tokens.signer
            ).outcome()
            var result = outcome.report
            if floor, !outcome.isInterrupted { addFloor(to: &result, plan: plan, sample: outcome.sample) }
            try report.output(result)
        }

        /// The measurement is reported even if the floor fails; the failure is then a fault.
        private func addFloor(to result: inout LoadReport, plan: LoadPlan, sample: [UInt8]) {
            guard let frame = FloorFrame(payload: sample, run: plan.run) ?? FloorFrame.made(for: plan) else { return }
            let run = FloorRun(
                plan: plan, rate: rate, warmup: span.warmup, seconds: span.seconds, frame: frame,
                processor: floorProcessor)
            do {
                if let measured = try run.run() { result.add(floor: measured) }
            } catch {
                result.faults.floor.append("\(error)")
            }
        }
    }
#endif
