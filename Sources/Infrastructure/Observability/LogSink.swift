import Foundation
import Logging

/// Where finished log lines go: the console, and a file where one is named. Lines of several threads do not mix.
///
/// Logging never waits. Each place has a bounded queue and a thread; one whose reader stands still, or whose disk does,
/// loses lines, which are counted and told of once it takes lines again. The other one loses none by that.
public final class LogSink: Sendable {
    private let console: LogOutput
    private let file: LogOutput?

    /// - Parameters:
    ///   - path: appended to, created where it is missing; empty: no file.
    ///   - format: of the lines that the sink writes by itself.
    ///   - instance: the name that these lines carry; empty: none.
    /// - Throws: ``StartupError`` where the file cannot be opened.
    public init(
        path: String, format: ChatConfiguration.LogFormat = .text, instance: String = ""
    ) throws(StartupError) {
        @Sendable func line(_ message: String, _ fields: [String: String] = [:]) -> String {
            let fields = instance.isEmpty ? fields : fields.merging(["instance": instance]) { new, _ in new }
            return ChatLogHandler.line(
                level: .warning, message, label: "chat", fields: fields.sorted { $0.key < $1.key }, format: format)
        }
        let dropped: @Sendable (Int) -> String = { line("log lines were dropped", ["lines": "\($0)"]) }
        // What goes wrong with the console has no other place to be told of than the file's own count.
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

    /// Writes one line, newline included. Returns at once.
    func write(_ line: String) {
        let bytes = Array(line.utf8)
        console.append(bytes)
        file?.append(bytes)
    }

    /// Opens the file by its name again: it was moved away, as logrotate does it. Returns at once.
    public func reopen() { file?.reopen() }

    /// Waits until all that was logged is written, `limit` at most.
    public func flush(within limit: Duration) {
        let deadline = DispatchTime.now() + DispatchTimeInterval.milliseconds(Int(limit / .milliseconds(1)))
        // What goes wrong with the file is told on the console.
        file?.flush(until: deadline)
        console.flush(until: deadline)
    }

    /// Writes one line to the console alone, for a process that is about to end; waits `limit` at most.
    public static func sayOnConsole(_ line: String, within limit: Duration = .seconds(1)) {
        let console = LogOutput(descriptor: STDERR_FILENO, words: .init(dropped: { _ in "" }, trouble: { _ in }))
        console.append(Array((line + "\n").utf8))
        console.flush(until: .now() + DispatchTimeInterval.milliseconds(Int(limit / .milliseconds(1))))
        console.finish()
    }

    /// Not blocking, so that a pipe without a reader is an error and no wait.
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
