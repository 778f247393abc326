import Foundation

enum StandardError {
    /// Writes as much of a line as there is room for, because a measurement must not wait for the reader of its
    /// progress.
    static func write(_ line: String) {
        var rest = Array((line + "\n").utf8)[...]
        while !rest.isEmpty {
            var room = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
            guard poll(&room, 1, 0) > 0 else { return }
            // A pipe that has room takes this much without blocking.
            let written = rest.withUnsafeBytes {
                Foundation.write(STDERR_FILENO, $0.baseAddress, min($0.count, Int(PIPE_BUF)))
            }
            guard written > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, written))
        }
    }
}
