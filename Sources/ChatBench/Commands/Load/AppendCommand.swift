import ArgumentParser

#if os(Linux)
    struct AppendCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "append",
            abstract: "As many stored and acknowledged messages as the service can do.",
            discussion: """
                Each sender is in a room of its own and keeps --window messages unanswered: an answer lets the next one go. \
                The server's rate limit has to be off (rate_limit_messages 0).
                """)

        @OptionGroup var target: TargetOptions
        @Option(help: "How many senders there are, each in a room of its own.")
        var connections = 64
        @Option(help: "How many messages of each are unanswered. The server reads on below 128.")
        var window = 64
        @Option(help: "How many members each room has, the sender among them.")
        var members = 1
        @Option(help: "Bytes of a message's content. (default: so that a v2 delivery has about 190 bytes on the wire)")
        var size: Int?
        @OptionGroup var span: SpanOptions
        @OptionGroup var report: ReportOptions

        func validate() throws {
            if !(1...100_000).contains(connections) { throw ValidationError("--connections must be from 1 to 100000.") }
            if !(1...10_000).contains(window) { throw ValidationError("--window must be from 1 to 10000.") }
            try CrowdOptions.check(rooms: connections, members: members, size: size)
            let capacity = DeliveryBook.capacity(membersPerRoom: members)
            if connections * window > capacity {
                throw ValidationError(
                    "--connections × --window must be at most \(capacity) with --members \(members): there is no memory "
                        + "set aside for more messages under way.")
            }
        }

        func run() throws {
            var plan = LoadPlan(rooms: connections, members: members, contentBytes: size)
            plan.compresses = target.compression
            plan.sendersPerRoom = 1
            let outcome = try LoadRun(
                workload: .append(window: window), plan: plan, targets: try target.targets(),
                concurrency: target.concurrency, warmup: span.warmup, seconds: span.seconds, settle: span.settle,
                watched: report.watched, signer: target.tokens.signer
            ).outcome()
            try report.output(outcome.report)
        }
    }
#endif
