import Foundation

/// What a process has used so far, according to `/proc`.
struct ProcessReading: Equatable, Sendable {
    /// Processor time in seconds, in the program itself and in the kernel on its behalf.
    var user = 0.0
    var kernel = 0.0
    /// Bytes of memory that it holds, including those shared with others.
    var resident = 0

    /// - Returns: nil if there is no such process, or its files have another format.
    static func read(_ pid: Int32) -> ProcessReading? {
        guard let stat = text("/proc/\(pid)/stat"), let status = text("/proc/\(pid)/status") else { return nil }
        return ProcessReading(stat: stat, status: status, ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))))
    }

    /// - Parameters:
    ///   - stat: `/proc/PID/stat`. The name in parentheses may hold anything, also spaces and parentheses.
    ///   - status: `/proc/PID/status`.
    init?(stat: String, status: String, ticksPerSecond: Double) {
        guard let nameEnd = stat.lastIndex(of: ")") else { return nil }
        // From the state on, which proc(5) numbers 3.
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let kernel = Double(fields[12]) else { return nil }
        self.user = user / ticksPerSecond
        self.kernel = kernel / ticksPerSecond
        resident = Self.kilobytes("VmRSS:", in: status).map { $0 * 1024 } ?? 0
    }

    /// Bytes of memory that it holds, with pages shared by several processes counted in proportion. The kernel needs
    /// some time to compute it.
    /// - Returns: nil if that may not be read.
    static func proportionalSize(_ pid: Int32) -> Int? {
        text("/proc/\(pid)/smaps_rollup").flatMap { kilobytes("Pss:", in: $0) }.map { $0 * 1024 }
    }

    static func kilobytes(_ key: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(key) {
            return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
        }
        return nil
    }

    private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
