import Foundation

/// Each connection is a file descriptor, and the soft limit is often 1,024.
enum FileDescriptorLimit {
    /// Raises the soft limit to the hard one. Where that fails the server runs with what it has.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
