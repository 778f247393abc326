import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A shell that outlives the test process for a moment: when the pipe to it closes, for whatever reason, it kills what the
/// tests started and had not seen end, and removes the ``ScratchDirectory``.
///
/// A scope's own clean-up runs first where it can; this is for a crash, a time limit or an interrupt.
final class Watchdog: Sendable {
    static let shared = Watchdog()

    /// Reads `+ pid` and `- pid`; at the end of its input kills what is left and removes the directory it was given.
    static let script = """
        trap '' INT HUP TERM
        pids=' '
        while read -r sign pid; do
            case $sign in
            +) pids="$pids$pid " ;;
            -) pids="${pids%% "$pid" *} ${pids#* "$pid" }" ;;
            esac
        done
        for pid in $pids; do kill -9 "$pid"; done 2>/dev/null
        [ -z "$1" ] || rm -rf "$1"
        """

    private let pipe: Int32

    private init() {
        var ends: [Int32] = [-1, -1]
        guard privatePipe(&ends) else {
            pipe = -1
            return
        }
        let keep = ProcessInfo.processInfo.environment["CHAT_TEST_KEEP"] != nil
        _ = try? spawn(
            "/bin/sh", ["-c", Self.script, "sh", keep ? "" : ScratchDirectory.root.path],
            environment: ["PATH": "/usr/bin:/bin"], directory: URL(fileURLWithPath: "/"), input: ends[0])
        close(ends[0])
        pipe = ends[1]
    }

    /// To be called right after `pid` was started.
    func watch(_ pid: pid_t) { tell("+ \(pid)\n") }

    /// To be called before `pid` is reaped: its number may belong to someone else afterwards.
    func forget(_ pid: pid_t) { tell("- \(pid)\n") }

    private func tell(_ line: String) {
        _ = line.withCString { write(pipe, $0, strlen($0)) }
    }
}

/// `pipe` whose ends no child inherits.
private func privatePipe(_ ends: inout [Int32]) -> Bool {
    guard pipe(&ends) == 0 else { return false }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return true
}
