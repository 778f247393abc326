import Foundation
import Logging
public import Service

/// The destinations of finished log lines: the console, and a file if one is named. Lines of several threads do not
/// mix.
///
/// Logging never waits. Each destination has a bounded queue and a thread. A destination whose reader or disk is
/// blocked loses lines. They are counted, and reported once the destination accepts lines again. The other destination
/// loses none because of that.
public final class LogSink: Sendable {
    private let console: LogOutput
    private let file: LogOutput?
    /// Asked by the log handlers before they write.
    let pace = LogPace()

    /// - Parameters:
    ///   - path: the file to append to, created if it is missing; empty: no file.
    ///   - format: the format of the lines that the sink writes by itself.
    ///   - instance: the name in these lines; empty: none.
    /// - Throws: ``StartupError`` if the file cannot be opened.
    public init(
        path: String, format: LogFormat = .text, instance: String = ""
    ) throws(StartupError) {
        @Sendable func line(_ message: String, _ fields: [String: String] = [:]) -> String {
            let fields = instance.isEmpty ? fields : fields.merging(["instance": instance]) { new, _ in new }
            return ChatLogHandler.line(
                level: .warning, message, label: "chat", fields: fields.sorted { $0.key < $1.key }, format: format)
        }
        let dropped: @Sendable (Int) -> String = { line("log lines were dropped", ["lines": "\($0)"]) }
        // A failure of the console can be reported nowhere but in the file's own count.
        let console = LogOutput(descriptor: STDERR_FILENO, words: .init(dropped: dropped, trouble: { _ in }))
        self.console = console
        guard !path.isEmpty else {
            file = nil
            return
        }
        let opening: LogOutput.Opening = { () throws(StartupError) in try Self.open(path) }
        file = LogOutput(
            descriptor: try opening(), opening: opening,
            words: .init(dropped: dropped) { console.append(Array(line($0).utf8)) })
    }

    deinit {
        console.finish()
        file?.finish()
    }

    /// Lines that the console or the file has lost.
    public var linesDropped: Int { console.dropped + (file?.dropped ?? 0) }

    /// Lines that were not written, since there were too many of the same message at once.
    public var linesSuppressed: Int { pace.suppressed }

    /// Writes one line, newline included. Returns at once.
    func write(_ line: String) {
        let bytes = Array(line.utf8)
        console.append(bytes)
        file?.append(bytes)
    }

    /// Opens the file by its name again, after logrotate or a similar tool has moved it away. Returns at once.
    public func reopen() { file?.reopen() }

    /// Waits until all logged lines are written, at most `limit`.
    public func flush(within limit: Duration) {
        let deadline = DispatchTime.now() + DispatchTimeInterval.milliseconds(Int(limit / .milliseconds(1)))
        // What goes wrong with the file is told on the console.
        file?.flush(until: deadline)
        console.flush(until: deadline)
    }

    /// Writes one line to the console only, for a process that is about to end; waits at most `limit`.
    public static func sayOnConsole(_ line: String, within limit: Duration = .seconds(1)) {
        let console = LogOutput(descriptor: STDERR_FILENO, words: .init(dropped: { _ in "" }, trouble: { _ in }))
        console.append(Array((line + "\n").utf8))
        console.flush(until: .now() + DispatchTimeInterval.milliseconds(Int(limit / .milliseconds(1))))
        console.finish()
    }

    /// Not blocking, so that a pipe without a reader causes an error and not a wait.
    private static func open(_ path: String) throws(StartupError) -> Int32 {
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY
        let descriptor = Foundation.open(path, flags | O_NONBLOCK, 0o640)
        guard descriptor >= 0 else {
            throw StartupError("log_file: \"\(path)\" cannot be opened: \(String(cString: strerror(errno)))")
        }
        _ = fcntl(descriptor, F_SETFL, O_APPEND)
        return descriptor
    }
}
