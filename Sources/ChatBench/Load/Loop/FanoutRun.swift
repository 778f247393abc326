#if os(Linux)
    import Transport

    /// Everybody enters their rooms, the senders send at fixed times, and all that comes is looked at.
    struct FanoutRun {
        var plan: LoadPlan
        var targets: [SocketTarget]
        var concurrency: Int
        var rate: Double
        var warmup: Double
        var seconds: Double
        /// How long what is under way may take to come at the end.
        var settle: Double
        var watched: [WatchedProcess]
        /// Told what is going on.
        var say: (String) -> Void = { _ in }

        struct Outcome {
            var report: LoadReport
            /// A delivery as it came.
            var sample: [UInt8]
        }

        /// - Returns: nil where nobody could connect; `say` was told why.
        func run() throws -> Outcome? {
            var loop = try LoadLoop.make(plan: plan, targets: targets, concurrency: concurrency)
            let connecting = loop.connectAll()
            if loop.ready == 0 {
                for (cause, count) in loop.dropped { say("\(count) × \(cause)") }
                return nil
            }
            say("\(loop.ready) connections after \(Figure.decimal(connecting)) s")
            loop.calm()
            let schedule = Schedule(
                start: MonotonicClock.now() + 10_000_000, rate: rate, warmup: warmup, seconds: seconds)
            var span = MeasuredSpan(watching: watched)
            loop.talk(by: schedule, measuring: &span)
            loop.settle(seconds: settle)
            loop.closeAll()

            var report = LoadReport(workload: "fanout", loop: loop, span: span)
            report.plan.addresses = targets.map(\.server.description)
            report.plan.rate = rate
            report.connecting = LoadReport.Connecting(
                seconds: connecting, perSecond: Double(plan.connections) / max(connecting, 1e-9))
            return Outcome(report: report, sample: loop.sample)
        }
    }

    extension LoadReport {
        init(workload: String, loop: borrowing LoadLoop, span: MeasuredSpan) {
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
                    contentBytes: plan.contentBytes,
                    frameBytes: loop.sample.isEmpty ? nil : loop.sample.count + (loop.sample.count < 126 ? 2 : 4)),
                messages: Messages(
                    sent: counts.sent, acknowledged: counts.acknowledged, refused: counts.refused,
                    unanswered: loop.book.unanswered, skipped: counts.skipped, mostUnderWay: loop.mostUnderWay),
                deliveries: Deliveries(
                    count: counts.deliveries, measured: span.deliveries,
                    perSecond: Double(span.deliveries) / max(span.seconds, 1e-9), otherFrames: counts.otherFrames),
                latencies: Latencies(
                    delivery: loop.book.delivery.summary, round: loop.book.round.summary, ack: loop.book.ack.summary,
                    sentLate: loop.book.lateness.summary),
                faults: Faults(
                    lost: loop.book.missing, repeated: counts.repeated, disordered: counts.disordered,
                    strangers: counts.strangers, gaps: counts.gaps, dropped: loop.dropped),
                measuredSeconds: span.seconds, processes: span.processes, ownCores: span.own)
        }
    }
#endif
