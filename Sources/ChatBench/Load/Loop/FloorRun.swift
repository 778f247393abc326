#if os(Linux)
    import Foundation

    /// Measures the floor: the same reader, and at the other end of each socket only `send()`.
    struct FloorRun {
        /// The plan of the run for which the floor is measured: rooms and members.
        var plan: LoadPlan
        /// 0: as fast as possible.
        var rate: Double
        var warmup: Double
        var seconds: Double
        var framesPerWrite = 1
        var frame: FloorFrame
        /// The processor on which the sender runs; nil: any.
        var processor: Int?

        /// How long the other side may continue after the end.
        private static let patience: Int64 = 20_000_000_000

        /// - Returns: nil if it was interrupted.
        /// - Throws: `FloorFailure` and errors of the system; then nothing was measured.
        func run() throws -> LoadReport? {
            var bare = plan
            bare.dialect = .bare
            bare.isSequenced = !frame.sequence.isEmpty
            bare.connections = plan.members
            bare.idleRooms = 0
            let peer = try FloorProcess(connections: bare.connections, processor: processor)
            defer { peer.stop() }
            var loop = try LoadLoop.make(plan: bare, targets: [try peer.target], concurrency: 256)
            _ = loop.connectAll()
            if loop.isInterrupted { return nil }
            guard loop.ready == bare.connections else {
                let causes = loop.dropped.keys.sorted().joined(separator: ", ")
                throw FloorFailure("\(bare.connections - loop.ready) connections to it failed: \(causes)")
            }
            var schedule = Schedule(start: 0, rate: rate, warmup: warmup, seconds: seconds)
            schedule.start = MonotonicClock.now() + 200_000_000
            try peer.give(order(schedule))
            var span = MeasuredSpan(watching: [])
            loop.talk(by: schedule, measuring: &span)
            // The other side sends until everything that was due is sent. It would never end if this side did not read
            // meanwhile.
            let limit = schedule.end + Self.patience
            while !peer.hasAnswered, !loop.isInterrupted {
                let now = MonotonicClock.now()
                if now > limit { throw FloorFailure("it did not come to its end") }
                loop.turn(until: now + 20_000_000)
            }
            if loop.isInterrupted { return nil }
            loop.settle(seconds: 10)
            let cost = try peer.cost()
            loop.closeAll()

            var report = LoadReport(workload: "floor", loop: loop, measured: span.report)
            report.plan.frameBytes = frame.bytes.count
            report.faults.lost += max(0, cost.messages - loop.book.table.next) * plan.membersPerRoom
            let frames = Double(max(cost.frames, 1))
            report.floor = FloorReport(
                framesPerWrite: framesPerWrite, frames: cost.frames, writes: cost.writes, frameBytes: frame.bytes.count,
                perSecond: Double(cost.frames) / max(cost.seconds, 1e-9), userMicroseconds: cost.user * 1e6 / frames,
                kernelMicroseconds: cost.kernel * 1e6 / frames,
                // When sending as fast as possible, no frame has a due time.
                delivery: rate > 0 ? report.latencies?.delivery : nil, round: rate > 0 ? report.latencies?.round : nil,
                ownCores: span.report.ownCores)
            report.latencies = nil
            report.messages = nil
            return report
        }

        private func order(_ schedule: Schedule) -> FloorOrder {
            FloorOrder(
                rooms: plan.rooms, membersPerRoom: plan.membersPerRoom, rate: rate, framesPerWrite: framesPerWrite,
                frame: Data(frame.bytes), numberAt: frame.numberAt, sequence: frame.sequence, start: schedule.start,
                measureFrom: schedule.measureFrom, end: schedule.end)
        }
    }
#endif
