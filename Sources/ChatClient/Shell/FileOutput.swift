#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes to a descriptor, waiting where the reader is slow. Nothing is kept back beyond one ``flush()``.
struct FileOutput {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Nobody reads any more (`EPIPE`), or writing fails for good.
    private(set) var isClosed = false

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    mutating func append(_ text: String) {
        if isClosed { return }
        buffer += text.utf8
        if buffer.count > 64 * 1024 { flush() }
    }

    mutating func flush() {
        var rest = buffer[...]
        while !rest.isEmpty, !isClosed {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, -1)
            } else if errno != EINTR {
                isClosed = true
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
