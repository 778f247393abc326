import Foundation
import Synchronization

/// The signals that the server takes. None but the documented ones ends it, from its first moment on.
///
/// A handler puts them into a pipe, from which one thread takes them: so they also come through while everything else of
/// the process waits for something. Blocking them would not do: Dispatch has a thread that takes every signal.
enum ProcessSignals {
    enum Order: Equatable {
        case stop
        /// Somebody does not want to wait for what ``stop`` has begun.
        case stopAtOnce
        /// Open the log's file and read files of certificates again.
        case reload
        case nothing
    }

    /// What a signal means, by what came before.
    struct Policy {
        private var isStopping = false

        mutating func order(_ signal: Int32) -> Order {
            switch signal {
            case SIGTERM, SIGINT:
                defer { isStopping = true }
                return isStopping ? .stopAtOnce : .stop
            case SIGHUP: return .reload
            default: return .nothing
            }
        }
    }

    private static let taken = [SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2]
    /// They would end the process, and mean nothing here.
    private static let ignored = [SIGPIPE, SIGALRM, SIGVTALRM, SIGPROF, SIGXFSZ]

    /// Where the handler writes; -1 before ``hold()``.
    private static let writeEnd = Atomic<Int32>(-1)
    private static let readEnd = Atomic<Int32>(-1)

    /// From now on no signal but SIGKILL and those of a crash ends the process. What comes is kept for ``watch(_:)``.
    static func hold() {
        for signal in ignored { _ = Foundation.signal(signal, SIG_IGN) }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }  // as the system likes it, then
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        readEnd.store(ends[0], ordering: .releasing)
        writeEnd.store(ends[1], ordering: .releasing)
        for signal in taken {
            let before = Foundation.signal(signal, forward)
            // Shells without job control ignore it for what they start in the background; so it stays.
            let wasIgnored = unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
            if signal == SIGINT, wasIgnored { _ = Foundation.signal(signal, SIG_IGN) }
        }
    }

    /// Gives them back their usual effect, for a command that is not the server.
    static func release() {
        for signal in taken { _ = Foundation.signal(signal, SIG_DFL) }
    }

    /// Calls `take` for each signal, one after the other, on a thread of its own that never ends.
    static func watch(_ take: @escaping @Sendable (_ order: Order, _ name: String) -> Void) {
        let thread = Thread {
            var policy = Policy()
            var number: UInt8 = 0
            while true {
                let count = read(readEnd.load(ordering: .acquiring), &number, 1)
                if count == 1 { take(policy.order(Int32(number)), name(Int32(number))) }
                if count == 0 || (count < 0 && errno != EINTR) { return }
            }
        }
        thread.name = "chat-signals"
        thread.start()
    }

    /// Runs on whatever thread the signal met: only `write` and atomics.
    private static let forward: @convention(c) (Int32) -> Void = { number in
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(ProcessSignals.writeEnd.load(ordering: .acquiring), &byte, 1)
        errno = saved
    }

    private static func name(_ signal: Int32) -> String {
        [SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGTERM: "SIGTERM", SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2"][signal]
            ?? "\(signal)"
    }
}
