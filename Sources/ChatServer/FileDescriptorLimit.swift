import Foundation

/// Each connection is a file descriptor, and the soft limit is often 1,024.
enum FileDescriptorLimit {
    /// What the server itself has open, and some plain HTTP: NATS, Redis, logs, threads.
    private static let reserve = 256

    /// Raises the soft limit to the hard one. Where that fails the server runs with what it has.
    static func raise() {
        guard var limit = current else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// How many connections there may be, where `wanted` are allowed: out of descriptors, a server can accept nobody and
    /// not even refuse them.
    static func connections(wanted: Int) -> Int {
        guard let limit = current?.rlim_cur, limit < rlim_t(Int.max) else { return wanted }
        return min(wanted, max(1, Int(limit) - reserve))
    }

    private static var current: rlimit? {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
    }
}
