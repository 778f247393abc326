#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes to a descriptor, waiting where the reader is slow, until a signal asks to end. Nothing is kept back beyond one
/// ``flush()``.
struct FileOutput {
    /// How often a stuck reader is looked at for a signal that met another thread, in milliseconds.
    private static let patience: Int32 = 200

    private let descriptor: Int32
    private let isAskedToEnd: @Sendable () -> Bool
    private var buffer: [UInt8] = []
    /// Nobody reads any more (`EPIPE`), writing fails for good, or nobody will wait any longer for a reader that is stuck.
    private(set) var isClosed = false
    /// Why writing fails, where it is not for want of a reader: a full disk, a closed descriptor.
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
            // A pipe that has room takes this much without blocking.
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

    /// Not a blocking `write`: that one goes on after a signal, and only SIGKILL would end a client whose output is stuck.
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
