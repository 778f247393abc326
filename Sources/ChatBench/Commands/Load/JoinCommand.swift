import ArgumentParser

#if os(Linux)
    struct JoinCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "join",
            abstract: "A storm: everybody comes to one room, as fast as they can.",
            discussion: """
                Shows whether all get in, how long that takes, what they are told of each other, and what one join costs. \
                With twice the clients a join should cost what it did.
                """)

        @OptionGroup var target: TargetOptions
        @Option(help: "How many come.")
        var clients = 2000
        @Option(help: "Which dialect they speak: v2, classic, or mixed.")
        var dialect = SpokenDialect.v2
        @OptionGroup var report: ReportOptions

        func validate() throws {
            if !(1...1_000_000).contains(clients) { throw ValidationError("--clients must be from 1 to 1000000.") }
        }

        func run() throws {
            var plan = LoadPlan(rooms: 1, members: clients)
            plan.compresses = target.compression
            plan.dialect = dialect.planned
            let outcome = try LoadRun(
                workload: .join, plan: plan, targets: try target.targets(), concurrency: target.concurrency, warmup: 0,
                seconds: 0, settle: 0, watched: report.watched, signer: target.tokens.signer
            ).outcome()
            try report.output(outcome.report)
        }
    }
#endif
