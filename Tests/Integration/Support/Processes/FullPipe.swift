import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A pipe that takes nothing more, as the output of a process whose reader stands still.
final class FullPipe: Sendable {
    /// For the process that writes.
    let output: Int32
    private let input: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SpawnFailed(description: "no pipe: \(String(cString: strerror(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (input, output) = (ends[0], ends[1])
        _ = fcntl(output, F_SETFL, O_NONBLOCK)
        let filler = [UInt8](repeating: UInt8(ascii: "."), count: 4_096)
        while write(output, filler, filler.count) > 0 {}
        while write(output, filler, 1) > 0 {}
        // Those who inherit it shall wait as they are used to.
        _ = fcntl(output, F_SETFL, 0)
    }

    /// Takes all that is in it just now, without waiting for more.
    func drain() -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var ready = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        while poll(&ready, 1, 0) > 0 {
            let count = read(input, &buffer, buffer.count)
            guard count > 0 else { break }
            all += buffer[..<count]
        }
        return String(decoding: all, as: UTF8.self)
    }

    deinit {
        close(input)
        close(output)
    }
}
