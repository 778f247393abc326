#if os(Linux)
    import CLinux
    import Glibc

    /// CLOCK_MONOTONIC, in nanoseconds: the same for all processes of one machine.
    enum MonotonicClock {
        static func now() -> Int64 {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        }

        static func sleep(until time: Int64) {
            var at = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
            while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nil) == EINTR {}
        }
    }
#endif
