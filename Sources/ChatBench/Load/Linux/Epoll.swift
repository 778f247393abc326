#if os(Linux)
    import CLinux
    import Glibc

    /// The descriptors that are ready. Level-triggered: data that is not read is reported again.
    struct Epoll: ~Copyable {
        /// Few events at a time, so that reading does not delay what is due to be sent.
        private static let batch = 128

        private let descriptor: Int32
        private let events: UnsafeMutablePointer<epoll_event>

        init() throws(SystemFailure) {
            descriptor = epoll_create1(0)
            if descriptor < 0 { throw SystemFailure("epoll_create1") }
            events = .allocate(capacity: Self.batch)
        }

        deinit {
            events.deallocate()
            close(descriptor)
        }

        /// - Parameter tag: the value that `event` returns for it.
        func add(_ descriptor: Int32, tag: UInt64, writing: Bool = false) throws(SystemFailure) {
            guard chat_epoll_add(self.descriptor, descriptor, Self.flags(writing: writing), tag) == 0 else {
                throw SystemFailure("epoll_ctl")
            }
        }

        func watch(_ descriptor: Int32, tag: UInt64, writing: Bool) {
            _ = chat_epoll_change(self.descriptor, descriptor, Self.flags(writing: writing), tag)
        }

        private static func flags(writing: Bool) -> UInt32 { writing ? chat_epollin | chat_epollout : chat_epollin }

        /// Waits until something is ready.
        /// - Returns: the number of events that `event` describes.
        func wait() -> Int {
            max(0, Int(epoll_wait(descriptor, events, Int32(Self.batch), -1)))
        }

        func event(_ index: Int) -> (tag: UInt64, isReadable: Bool, isWritable: Bool) {
            let flags = chat_event_flags(events, Int32(index))
            let isOver = flags & (chat_epollerr | chat_epollhup) != 0
            return (
                chat_event_data(events, Int32(index)), isOver || flags & chat_epollin != 0,
                isOver || flags & chat_epollout != 0
            )
        }
    }

    /// The operation that the system refused, and the reason.
    struct SystemFailure: Error, CustomStringConvertible {
        var description: String

        init(_ call: String, error: Int32 = errno) {
            description = "\(call): \(String(cString: strerror(error)))"
        }
    }
#endif
