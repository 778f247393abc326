#if os(Linux)
    import CLinux
    import Glibc

    /// What happened between the end of the warm-up and the end of the schedule: deliveries, and what they cost.
    struct MeasuredSpan: Sendable {
        private var watch: ProcessWatch
        private var begin: Int64?
        private var deliveriesBefore = 0
        private var ownBefore = 0.0
        private(set) var seconds = 0.0
        private(set) var deliveries = 0
        /// Cores this program used.
        private(set) var own = 0.0
        private(set) var processes: [ProcessUse] = []

        init(watching processes: [WatchedProcess]) { watch = ProcessWatch(processes) }

        /// To be called about once a second, from the beginning of the span on.
        mutating func observe(deliveries: Int, at now: Int64) {
            if begin == nil {
                begin = now
                deliveriesBefore = deliveries
                ownBefore = Self.processorSeconds()
                watch.start()
            }
            watch.sample()
        }

        mutating func finish(deliveries: Int, at now: Int64) {
            guard let begin else { return }
            seconds = Double(now - begin) / 1e9
            self.deliveries = deliveries - deliveriesBefore
            own = (Self.processorSeconds() - ownBefore) / max(seconds, 1e-9)
            processes = watch.uses()
            for index in processes.indices {
                processes[index].proportional = ProcessReading.proportionalSize(processes[index].pid)
            }
        }

        private static func processorSeconds() -> Double {
            let (user, kernel) = ProcessorTime.used()
            return user + kernel
        }
    }

    enum ProcessorTime {
        /// What this process has used so far, in seconds.
        static func used() -> (user: Double, kernel: Double) {
            var usage = rusage()
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
            return (seconds(usage.ru_utime), seconds(usage.ru_stime))
        }
    }
#endif
