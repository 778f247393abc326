import Foundation

/// Writes whole lines to a descriptor, blocks if the descriptor blocks, and remembers whether writing fails.
struct DescriptorWriter {
    struct Result {
        /// Lines that were not written completely.
        let lost: Int
        var isComplete: Bool { lost == 0 }
    }

    private var descriptor: Int32
    private var error: Int32 = 0
    /// A write ended in the middle of a line.
    private var isWithinLine = false

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    var hasFailed: Bool { error != 0 }
    /// There is no descriptor: the process was started without it.
    var isMissing: Bool { error == EBADF }
    /// Why the last write failed.
    var reason: String { String(cString: strerror(error)) }

    mutating func write(_ lines: [UInt8]) -> Result {
        let prefix = isWithinLine ? 1 : 0
        let text = isWithinLine ? [UInt8(ascii: "\n")] + lines : lines
        var count = 0
        error = 0
        text.withUnsafeBytes { buffer in
            while count < buffer.count, error == 0 {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[count...])
                let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if written >= 0 { count += written } else if errno != EINTR { wait(for: errno) }
            }
        }
        if count > 0 { isWithinLine = text[count - 1] != UInt8(ascii: "\n") }
        return Result(lost: text[max(count, prefix)...].count { $0 == UInt8(ascii: "\n") })
    }

    /// If a terminal or pipe was set to non-blocking by another process, the writer waits for it; every other error is
    /// a failure.
    private mutating func wait(for number: Int32) {
        guard number == EAGAIN || number == EWOULDBLOCK else {
            error = number
            return
        }
        var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&room, 1, -1)
    }

    mutating func replace(with other: Int32) {
        close()
        descriptor = other
        isWithinLine = false
    }

    func close() { _ = Foundation.close(descriptor) }
}
