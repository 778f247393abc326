#if os(Linux)
    import Transport

    /// A workload, from the first connection to the last goodbye.
    struct LoadRun {
        enum Workload {
            /// Messages per second, at fixed times.
            case fanout(rate: Double)
            /// Each room's first member keeps this many messages under way.
            case append(window: Int)
            case idle
            /// Only joins.
            case join

            var name: String {
                switch self {
                case .fanout: "fanout"
                case .append: "append"
                case .idle: "idle"
                case .join: "join"
                }
            }
        }

        var workload: Workload
        var plan: LoadPlan
        var targets: [SocketTarget]
        /// The number of connections that are opened at a time.
        var concurrency: Int
        var warmup: Double
        var seconds: Double
        /// How long the messages under way may take to arrive at the end.
        var settle: Double
        var watched: [WatchedProcess]
        /// Makes the tokens of the connections; nil: they have none.
        var signer: TokenSigner?
        /// Gets reports of the progress.
        var say: (String) -> Void = { _ in }

        struct Outcome {
            var report: LoadReport
            /// A delivery as received; empty if none came.
            var sample: [UInt8]
            /// Whether the run was ended early by a signal.
            var isInterrupted: Bool
        }

        /// - Returns: nil if nobody could connect; `say` got the reason.
        func run() throws -> Outcome? {
            var loop = try LoadLoop.make(plan: plan, targets: targets, concurrency: concurrency)
            if let signer { loop.tokens = (0..<plan.connections).map { signer.token(for: plan.username($0)) } }
            let opening = open(&loop)
            if loop.ready == 0 {
                for (cause, count) in loop.dropped { say("\(count) × \(cause)") }
                return nil
            }
            say("\(opening.opened) connections after \(Figure.decimal(opening.seconds)) s")
            var span = MeasuredSpan(watching: watched)
            let start = MonotonicClock.now() + 10_000_000
            switch workload {
            case .fanout(let rate):
                loop.talk(
                    by: Schedule(start: start, rate: rate, warmup: warmup, seconds: seconds), measuring: &span)
            case .append(let window):
                loop.talk(
                    by: Schedule(start: start, rate: 0, warmup: warmup, seconds: seconds), window: window,
                    measuring: &span)
            case .idle:
                loop.talk(by: Schedule(start: start, rate: 0, warmup: 0, seconds: seconds), measuring: &span)
            case .join: break
            }
            loop.settle(seconds: settle)
            loop.closeAll()

            var report = LoadReport(workload: workload.name, loop: loop, measured: span.report)
            report.plan.addresses = targets.map(\.server.description)
            report.opening = opening
            return Outcome(report: report, sample: loop.sample, isInterrupted: loop.isInterrupted)
        }

        private func open(_ loop: inout LoadLoop) -> LoadReport.Opening {
            var span = MeasuredSpan(watching: watched)
            span.observe(loop.book.counts, at: MonotonicClock.now())
            let seconds = loop.connectAll()
            loop.calm()
            span.finish(loop.book.counts, at: MonotonicClock.now())
            return LoadReport.Opening(
                opened: loop.ready, seconds: seconds, perSecond: Double(loop.ready) / max(seconds, 1e-9),
                latency: loop.entering.summary, span: span.report)
        }
    }

    extension LoadReport {
        init(workload: String, loop: borrowing LoadLoop, measured: SpanReport) {
            let plan = loop.plan
            let schedule = loop.book.schedule
            let counts = loop.book.counts
            self.init(
                workload: workload, version: Version.current, run: plan.run,
                plan: Plan(
                    addresses: [], dialect: plan.dialect.rawValue, rooms: plan.rooms,
                    membersPerRoom: plan.membersPerRoom,
                    sendersPerRoom: plan.sendersPerRoom, connections: plan.connections, idleRooms: plan.idleRooms,
                    rate: schedule.rate, warmupSeconds: schedule.warmup, seconds: schedule.seconds,
                    contentBytes: plan.contentBytes, usesTokens: loop.tokens.isEmpty ? nil : true,
                    frameBytes: loop.sample.isEmpty ? nil : loop.sample.count + (loop.sample.count < 126 ? 2 : 4)),
                messages: counts.sent == 0 && loop.neverSent == 0
                    ? nil
                    : Messages(
                        sent: counts.sent, acknowledged: counts.acknowledged, refused: counts.refused,
                        unanswered: loop.book.unanswered, skipped: counts.skipped, neverSent: loop.neverSent,
                        mostUnderWay: loop.mostUnderWay),
                deliveries: counts.deliveries,
                latencies: Latencies(
                    delivery: loop.book.delivery.summary, round: loop.book.round.summary, ack: loop.book.ack.summary,
                    sentLate: loop.isClosedLoop ? nil : loop.book.lateness.summary),
                faults: Faults(book: loop.book, dropped: loop.dropped), measured: measured)
        }
    }
#endif
