#if os(Linux)
    import CLinux
    import Glibc

    /// Makes a descriptor readable at a time, to within some ten microseconds; epoll's own timeout counts milliseconds.
    struct Alarm: ~Copyable {
        let descriptor: Int32
        private var setTo: Int64 = 0

        init() throws(SystemFailure) {
            descriptor = chat_timer_make()
            if descriptor < 0 { throw SystemFailure("timerfd_create") }
        }

        deinit { close(descriptor) }

        /// - Parameter time: in the time of `MonotonicClock`; a past time: at once.
        mutating func set(_ time: Int64) {
            if time == setTo { return }
            setTo = time
            _ = chat_timer_set(descriptor, max(time, 1))
        }

        /// Call this when the descriptor is readable.
        mutating func acknowledge() {
            var expirations: UInt64 = 0
            _ = Glibc.read(descriptor, &expirations, MemoryLayout<UInt64>.size)
            setTo = 0
        }
    }
#endif
