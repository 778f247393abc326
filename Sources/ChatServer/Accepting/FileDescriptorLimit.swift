import Foundation

/// The process's limit of open files. Each socket takes a descriptor, and the soft limit is often 1,024.
enum FileDescriptorLimit {
    /// Raises the soft limit to the hard one. If that fails, the server runs with the limit it has.
    static func raise() {
        guard var limit = limits else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// The number of descriptors that the process may have open; nil: no limit.
    static var current: Int? {
        guard let limit = limits?.rlim_cur, limit < rlim_t(Int.max) else { return nil }
        return Int(limit)
    }

    private static var limits: rlimit? {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
    }
}
