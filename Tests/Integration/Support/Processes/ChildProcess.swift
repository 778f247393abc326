import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// How a child ended.
enum ExitStatus: Equatable, Sendable {
    case exited(Int32)
    case killed(signal: Int32)
}

/// A program the tests started: its output goes to a file, and it ends with its owner or, at the latest, with the test process.
final class ChildProcess: Sendable {
    let name: String
    let pid: pid_t
    let log: URL
    private let status = Mutex<ExitStatus?>(nil)

    /// - Parameter log: where standard output and error go; appended to, so that a restarted server keeps one log.
    init(
        _ name: String, _ executable: String, _ arguments: [String], environment: [String: String] = [:],
        directory: URL, log: URL, input: Int32? = nil
    ) throws {
        self.name = name
        self.log = log
        let descriptor = open(log.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SpawnFailed(description: "cannot write \(log.path)") }
        defer { close(descriptor) }
        let watchdog = Watchdog.shared
        pid = try spawn(
            executable, arguments, environment: Self.environment.merging(environment) { $1 }, directory: directory,
            input: input, output: descriptor)
        watchdog.watch(pid)
        Thread.detachNewThread { [self] in reap() }
    }

    /// With descriptors of the caller's choice, which stay the caller's.
    ///
    /// - Parameter log: where `errors` leads, for reports.
    init(
        _ name: String, _ executable: String, _ arguments: [String], environment: [String: String] = [:],
        directory: URL, log: URL, input: Int32?, output: Int32, errors: Int32
    ) throws {
        self.name = name
        self.log = log
        let watchdog = Watchdog.shared
        pid = try spawn(
            executable, arguments, environment: Self.environment.merging(environment) { $1 }, directory: directory,
            input: input, output: output, errors: errors)
        watchdog.watch(pid)
        Thread.detachNewThread { [self] in reap() }
    }

    /// With a terminal for its three streams; what it prints is read from the terminal's other side.
    init(
        _ name: String, _ executable: String, _ arguments: [String], environment: [String: String] = [:],
        directory: URL, terminal: String
    ) throws {
        self.name = name
        log = URL(fileURLWithPath: terminal)
        let watchdog = Watchdog.shared
        pid = try spawn(
            executable, arguments, environment: Self.environment.merging(environment) { $1 }, directory: directory,
            terminal: terminal)
        watchdog.watch(pid)
        Thread.detachNewThread { [self] in reap() }
    }

    /// The little that children get of our environment: a `PORT` or `NATS_URL` set outside must not reach a server.
    static let environment = ProcessInfo.processInfo.environment.filter {
        ["PATH", "HOME", "TMPDIR", "LANG", "LLVM_PROFILE_FILE", "TSAN_OPTIONS", "ASAN_OPTIONS"].contains($0.key)
    }

    var exitStatus: ExitStatus? { status.withLock { $0 } }
    var isRunning: Bool { exitStatus == nil }

    /// Sends a signal, unless the process has ended: its number is not reused before ``reap()`` has taken the lock.
    func signal(_ number: Int32) {
        status.withLock { status in
            if status == nil { kill(pid, number) }
        }
    }

    /// Stops it, and returns when all its threads stand still.
    func freeze() {
        signal(SIGSTOP)
        var information = siginfo_t()
        // Leaves the news for whoever waits for the process. Fails at once where it has ended.
        _ = waitid(P_PID, id_t(pid), &information, WSTOPPED | WEXITED | WNOWAIT)
    }

    /// Kills it and waits until it is gone.
    func destroy() async {
        signal(SIGKILL)
        signal(SIGCONT)
        _ = try? await exit(within: .seconds(10))
    }

    func exit(within limit: Duration = .seconds(15)) async throws -> ExitStatus {
        try await eventually("\(name) to end", within: limit, seen: { logTail() }, until: { exitStatus != nil })
        guard let exitStatus else { throw TimedOut("\(name) to end", after: limit) }
        return exitStatus
    }

    /// All that it has printed.
    var output: String {
        guard !log.path.hasPrefix("/dev/") else { return "" }
        return (try? Data(contentsOf: log)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func logTail(lines: Int = 40) -> String {
        let tail = output.split(separator: "\n").suffix(lines).map { "  | \($0)" }
        return (["--- \(name), pid \(pid), \(log.path)"] + tail).joined(separator: "\n")
    }

    /// Resident memory in bytes; `nil` where the system does not tell.
    var residentBytes: Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kilobytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({
                Int($0)
            })
        else { return nil }
        return kilobytes * 1024
    }

    /// What it has used of the processors so far, its own and the kernel's; nil where the system does not tell.
    var processorSeconds: Double? {
        guard let fields = statistics("/proc/\(pid)"), fields.count > 12, let user = Double(fields[11]),
            let system = Double(fields[12])
        else { return nil }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The scheduling policy of each of its threads, as sched(7) numbers them, but of those that end just now; empty where the
    /// system does not tell.
    var threadPolicies: [Int] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return tasks.compactMap { task in
            guard let fields = statistics("/proc/\(pid)/task/\(task)"), fields.count > 38 else { return nil }
            return Int(fields[38])
        }
    }

    /// What proc(5) tells of a process or a thread behind its name, which may hold anything.
    private func statistics(_ path: String) -> [Substring]? {
        (try? String(contentsOfFile: path + "/stat", encoding: .utf8))?.split(separator: ")").last?.split(
            separator: " ")
    }

    private func reap() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        Watchdog.shared.forget(pid)
        status.withLock { status in
            var raw: Int32 = 0
            while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
            let signal = raw & 0x7f
            status = signal == 0 ? .exited((raw >> 8) & 0xff) : .killed(signal: signal)
        }
    }
}
