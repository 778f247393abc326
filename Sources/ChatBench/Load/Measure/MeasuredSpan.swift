#if os(Linux)
    import CLinux
    import Glibc

    /// What happened between two moments: how much was received, and what it cost.
    struct MeasuredSpan: Sendable {
        private struct Mark {
            var at: Int64
            var counts: DeliveryBook.Counts
            var processor: Double
        }

        private var watch: ProcessWatch
        private var begin: Mark?
        private(set) var report = SpanReport()

        init(watching processes: [WatchedProcess]) { watch = ProcessWatch(processes) }

        /// The first call begins the span; later calls, about once a second, read the sizes of the processes.
        mutating func observe(_ counts: DeliveryBook.Counts, at now: Int64) {
            if begin == nil {
                begin = Mark(at: now, counts: counts, processor: Self.processorSeconds())
                watch.start()
            }
            watch.sample()
        }

        mutating func finish(_ counts: DeliveryBook.Counts, at now: Int64) {
            guard let begin else { return }
            report.seconds = Double(now - begin.at) / 1e9
            report.deliveries = counts.deliveries - begin.counts.deliveries
            report.acknowledged = counts.acknowledged - begin.counts.acknowledged
            report.otherFrames = counts.otherFrames - begin.counts.otherFrames
            report.ownCores = (Self.processorSeconds() - begin.processor) / max(report.seconds, 1e-9)
            report.processes = watch.uses()
        }

        private static func processorSeconds() -> Double {
            let (user, kernel) = ProcessorTime.used()
            return user + kernel
        }
    }

    enum ProcessorTime {
        /// The processor time that this process has used so far, in seconds.
        static func used() -> (user: Double, kernel: Double) {
            var usage = rusage()
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
            return (seconds(usage.ru_utime), seconds(usage.ru_stime))
        }
    }
#endif
