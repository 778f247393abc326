import Synchronization

/// Bounds how many lines are written, by their message, so that whoever makes the server log something cannot fill its disk.
///
/// Messages are static, and there are few; what differs between two lines is their metadata. Those beyond
/// ``maximumMessages``, which would be a mistake of the program, share one allowance.
struct LogPaceTable {
    /// Lines of one message in one second.
    static let linesPerSecond = 20
    static let maximumMessages = 256

    private struct Entry {
        var second: Int64
        var lines = 0
        /// Since the last line that was written.
        var suppressed = 0
    }

    enum Verdict: Equatable {
        /// - Parameter suppressed: so many lines of this message were not written before this one.
        case write(suppressed: Int)
        case suppress
    }

    private var entries: [String: Entry] = [:]
    /// Lines that were not written since the start.
    private(set) var suppressed = 0

    /// - Parameter second: of a clock that does not go back.
    mutating func line(_ message: String, second: Int64) -> Verdict {
        let key = entries[message] != nil || entries.count < Self.maximumMessages ? message : ""
        var entry = entries[key] ?? Entry(second: second)
        if entry.second != second {
            entry.second = second
            entry.lines = 0
        }
        guard entry.lines < Self.linesPerSecond else {
            entry.suppressed += 1
            suppressed += 1
            entries[key] = entry
            return .suppress
        }
        let before = entry.suppressed
        entry.lines += 1
        entry.suppressed = 0
        entries[key] = entry
        return .write(suppressed: before)
    }
}

/// The ``LogPaceTable`` of a process, for all threads.
final class LogPace: Sendable {
    private let table = Mutex(LogPaceTable())
    private let start = ContinuousClock.now

    var suppressed: Int { table.withLock { $0.suppressed } }

    func line(_ message: String) -> LogPaceTable.Verdict {
        let second = (ContinuousClock.now - start).components.seconds
        return table.withLock { $0.line(message, second: second) }
    }
}
