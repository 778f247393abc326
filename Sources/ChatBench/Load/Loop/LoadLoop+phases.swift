#if os(Linux)
    extension LoadLoop {
        private static let patience: Int64 = 30_000_000_000
        /// How long after the end of a schedule messages are sent that were due before it.
        private static let grace: Int64 = 1_000_000_000

        /// Opens all connections, and waits until each is ready or lost.
        /// - Returns: the time that it took, in seconds.
        mutating func connectAll() -> Double {
            let begin = MonotonicClock.now()
            var progress = (steps: 0, at: begin)
            while ready + lost < connections.count, !isInterrupted {
                openMore()
                let now = MonotonicClock.now()
                tryAgain(now)
                let steps = ready + lost + entered
                if steps != progress.steps {
                    progress = (steps, now)
                } else if now - progress.at > Self.patience {
                    for index in connections.indices where connections[index].phase != .ready {
                        drop(index, "no answer for 30 s")
                    }
                }
                turn(until: now + 50_000_000)
            }
            return Double(MonotonicClock.now() - begin) / 1e9
        }

        var lost: Int { dropped.values.reduce(0, +) }

        /// Waits until nothing has come for a moment, so that the notices of so many joins are not measured.
        mutating func calm() {
            let begin = MonotonicClock.now()
            var now = begin
            lastRead = begin
            while now - lastRead < 300_000_000, now - begin < 10_000_000_000, !isInterrupted {
                turn(until: now + 50_000_000)
                now = MonotonicClock.now()
            }
        }

        /// Sends by `schedule` until its end, and reads what comes meanwhile.
        /// - Parameter window: in a closed loop, the number of messages of each sender that are always under way.
        mutating func talk(by schedule: Schedule, window: Int? = nil, measuring span: inout MeasuredSpan) {
            book.start(schedule)
            var now = MonotonicClock.now()
            if let window {
                isClosedLoop = true
                for index in connections.indices {
                    connections[index].owed = window
                    sendOwed(index, now)
                }
            }
            var nextSample = schedule.measureFrom
            while now < schedule.end, !isInterrupted {
                if now >= nextSample {
                    span.observe(book.counts, at: now)
                    nextSample += 1_000_000_000
                }
                tryAgain(now)
                let next = plan.dialect == .bare ? Int64.max : sendDue(now)
                let retry = retries.map(\.at).min() ?? .max
                turn(until: min(next, nextSample, retry, schedule.end))
                now = MonotonicClock.now()
            }
            // Sends the last few messages before the reading of `/proc` delays them.
            if plan.dialect != .bare, !isInterrupted { _ = sendDue(now) }
            span.finish(book.counts, at: now)
            if plan.dialect != .bare { catchUp(with: schedule) }
        }

        /// After the end, sends what was due before it, and counts what could not be sent even then.
        private mutating func catchUp(with schedule: Schedule) {
            let limit = schedule.end + Self.grace
            var now = MonotonicClock.now()
            while book.table.next < schedule.count, now < limit, !isInterrupted {
                turn(until: min(sendDue(now), limit))
                now = MonotonicClock.now()
            }
            neverSent = max(0, schedule.count(dueBy: now) - book.table.next)
        }

        /// Waits until all acknowledged messages have come, or can no longer be expected.
        mutating func settle(seconds: Double) {
            let begin = MonotonicClock.now()
            var now = begin
            lastRead = begin
            while !book.isSettled, Double(now - begin) < seconds * 1e9, Double(now - lastRead) < min(seconds, 5) * 1e9 {
                turn(until: now + 20_000_000)
                now = MonotonicClock.now()
            }
            // A repeat comes after the message that it repeats, and frames of a bare loop may still be in the sockets.
            let quiet = now
            while now - max(quiet, lastRead) < 200_000_000, Double(now - begin) < seconds * 1e9 {
                turn(until: now + 50_000_000)
                now = MonotonicClock.now()
            }
        }
    }
#endif
