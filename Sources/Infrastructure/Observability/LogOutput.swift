import Foundation
import Service
import Synchronization

/// One destination of log lines, with its own thread: the threads that log never wait for it.
///
/// Only this thread writes to the descriptor, so only this thread can be blocked by it.
final class LogOutput: Sendable {
    /// The bytes that may wait for an output that is blocked; the thread may hold as much again.
    static let maximumBytes = 1 << 20

    /// Opens the output again, if it is a file. Called by the thread.
    typealias Opening = @Sendable () throws(StartupError) -> Int32

    private struct State {
        var queue = LogQueue(maximumBytes: LogOutput.maximumBytes)
        /// The thread has taken the lines that it writes, or has been woken to take the waiting ones.
        var isAwake = false
        var wantsReopening = false
        var isEnding = false
        var idlers: [DispatchSemaphore] = []
    }

    private enum Work {
        case write(LogQueue.Batch)
        case reopen
        case end
    }

    private let state = Mutex(State())
    private let wakeup = DispatchSemaphore(value: 0)
    private let descriptor: Int32
    private let opening: Opening?
    private let words: Words

    /// Lines that an output writes by itself.
    struct Words: Sendable {
        /// The line, with its newline, that says how many were dropped.
        let dropped: @Sendable (Int) -> String
        /// Writing has begun to fail, or a reopening failed. This is to be reported elsewhere.
        let trouble: @Sendable (String) -> Void
    }

    /// - Parameter opening: nil: the descriptor stays the caller's.
    init(descriptor: Int32, opening: Opening? = nil, words: Words) {
        self.descriptor = descriptor
        self.opening = opening
        self.words = words
        let thread = Thread { [self] in run() }
        thread.name = "chat-log"
        thread.start()
    }

    /// Lines that were lost since the start.
    var dropped: Int { state.withLock { $0.queue.dropped } }

    /// - Parameter line: with its newline.
    func append(_ line: [UInt8]) { wake { $0.queue.append(line) } }

    /// Lets the thread open the file by its name again. Later lines go to the new file.
    func reopen() {
        if opening != nil { wake { $0.wantsReopening = true } }
    }

    /// Lets the thread write the waiting lines and end.
    func finish() { wake { $0.isEnding = true } }

    /// Waits until everything is written, but not past `deadline`.
    func flush(until deadline: DispatchTime) {
        let idle: DispatchSemaphore? = state.withLock { state in
            guard state.isAwake else { return nil }
            let semaphore = DispatchSemaphore(value: 0)
            state.idlers.append(semaphore)
            return semaphore
        }
        _ = idle?.wait(timeout: deadline)
    }

    private func wake(_ change: (inout State) -> Void) {
        let isAsleep = state.withLock { state in
            change(&state)
            defer { state.isAwake = true }
            return !state.isAwake
        }
        if isAsleep { wakeup.signal() }
    }

    // MARK: On the thread

    private func run() {
        var writer = DescriptorWriter(descriptor)
        while true {
            wakeup.wait()
            working: while true {
                switch next() {
                case nil: break working
                case .write(let batch): write(batch, by: &writer)
                case .reopen: reopen(&writer)
                case .end:
                    if opening != nil { writer.close() }
                    return
                }
            }
        }
    }

    private func next() -> Work? {
        let (work, idlers): (Work?, [DispatchSemaphore]) = state.withLock { state in
            if state.wantsReopening {
                state.wantsReopening = false
                return (.reopen, [])
            }
            if !state.queue.isEmpty { return (.write(state.queue.take()), []) }
            defer { state.idlers = [] }
            if state.isEnding { return (.end, state.idlers) }
            state.isAwake = false
            return (nil, state.idlers)
        }
        for idler in idlers { idler.signal() }
        return work
    }

    private func write(_ batch: LogQueue.Batch, by writer: inout DescriptorWriter) {
        let hadFailed = writer.hasFailed
        let written = writer.write(batch.bytes)
        if !writer.hasFailed {
            guard batch.dropped > 0, !writer.write(Array(words.dropped(batch.dropped).utf8)).isComplete else { return }
            state.withLock { $0.queue.lose(batch.dropped, again: batch.dropped) }
        } else if !writer.isMissing {
            state.withLock { $0.queue.lose(written.lost + batch.dropped, again: batch.dropped) }
        }
        if writer.hasFailed, !hadFailed, !writer.isMissing {
            words.trouble("log_file: lines are being lost: \(writer.reason)")
        }
    }

    private func reopen(_ writer: inout DescriptorWriter) {
        guard let opening else { return }
        do throws(StartupError) {
            writer.replace(with: try opening())
        } catch {
            words.trouble("\(error); the file that was open stays")
        }
    }
}
