#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A pipe with which another thread or a signal handler ends a `poll`. Lives as long as the process.
struct Wakeup: Sendable {
    /// The descriptor to poll for reading.
    let readEnd: Int32
    let writeEnd: Int32

    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)  // a full pipe wakes the reader as well
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    func signal(_ byte: UInt8 = 0) {
        var byte = byte
        _ = write(writeEnd, &byte, 1)
    }

    /// The bytes written since the last call.
    func drain() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(readEnd, &buffer, buffer.count)
        return count > 0 ? Array(buffer[..<count]) : []
    }
}
