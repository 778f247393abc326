import ArgumentParser

#if os(Linux)
    struct IdleCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "idle",
            abstract: "Many connections that say nothing.",
            discussion: """
                How fast they are taken, what memory each costs the processes of --pid, and what those do while nothing \
                happens. The server pings each connection every 25 s.
                """)

        @OptionGroup var target: TargetOptions
        @Option(help: "How many connect.")
        var clients = 10_000
        @Option(help: "How many rooms they are spread over. (default: v2 stays in global and reads nothing there)")
        var rooms: Int?
        @Option(help: "Which dialect they speak: v2, classic, or mixed.")
        var dialect = SpokenDialect.v2
        @Option(help: "How long nothing happens, in seconds.")
        var seconds = 30.0
        @OptionGroup var report: ReportOptions

        func validate() throws {
            if !(1...1_000_000).contains(clients) { throw ValidationError("--clients must be from 1 to 1000000.") }
            if let rooms, !(1...clients).contains(rooms) || clients % rooms != 0 {
                throw ValidationError("--rooms must divide --clients.")
            }
            if !(0...86_400).contains(seconds) { throw ValidationError("--seconds must be from 0 to 86400.") }
        }

        func run() throws {
            var plan = LoadPlan(rooms: rooms ?? 1, members: clients / (rooms ?? 1))
            plan.compresses = target.compression
            plan.dialect = dialect.planned
            plan.enters = rooms != nil || dialect != .v2
            let outcome = try LoadRun(
                workload: .idle, plan: plan, targets: try target.targets(), concurrency: target.concurrency, warmup: 0,
                seconds: seconds, settle: 0, watched: report.watched, signer: target.tokens.signer
            ).outcome()
            try report.output(outcome.report)
        }
    }
#endif
