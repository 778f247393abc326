#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes to a descriptor, and waits while the reader is slow, until a signal asks to end. Only bytes since the last
/// ``flush()`` are buffered.
struct FileOutput {
    /// How often a blocked write checks for a signal that another thread received, in milliseconds.
    private static let patience: Int32 = 200

    private let descriptor: Int32
    private let isAskedToEnd: @Sendable () -> Bool
    private var buffer: [UInt8] = []
    /// Whether nothing can be written any more: the reader is gone (`EPIPE`), writing failed for good, or a signal
    /// ended the wait for a blocked reader.
    private(set) var isClosed = false
    /// Why writing failed, for instance a full disk or a closed descriptor; nil if it works, or if only the reader is
    /// gone.
    private(set) var failure: String?

    init(_ descriptor: Int32, isAskedToEnd: @escaping @Sendable () -> Bool = { Signals.isAskedToEnd }) {
        self.descriptor = descriptor
        self.isAskedToEnd = isAskedToEnd
    }

    mutating func append(_ text: String) {
        if isClosed { return }
        buffer += text.utf8
        if buffer.count > 64 * 1024 { flush() }
    }

    mutating func flush() {
        var rest = buffer[...]
        while !rest.isEmpty, !isClosed {
            guard waitForRoom() else { continue }
            // A pipe that `poll` reports as writable takes this much without blocking.
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, min($0.count, Int(PIPE_BUF))) }
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR, errno != EAGAIN {
                if errno != EPIPE { failure = String(cString: strerror(errno)) }
                isClosed = true
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Uses `poll`, because a blocking `write` continues after a signal, so that only SIGKILL would end a client with a
    /// blocked output.
    private mutating func waitForRoom() -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if poll(&waiting, 1, 0) > 0 { return true }
        if isAskedToEnd() {
            isClosed = true
            return false
        }
        return poll(&waiting, 1, Self.patience) > 0
    }
}
