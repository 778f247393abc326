import Logging
import Synchronization

/// Looks at limits that an operator may change while the server runs, and says in one line each when one has become too
/// small, and when it no longer is.
final class SizeWatch: Sendable {
    private let largest: LargestMessage
    private let logger: Logger
    /// By the name of the limit.
    private let complaints = Mutex<[String: String]>([:])

    init(_ largest: LargestMessage, logger: Logger) {
        self.largest = largest
        self.logger = logger
    }

    /// Whether the limit of that name was too small when it was last looked at.
    func isTooSmall(_ name: String) -> Bool { complaints.withLock { $0[name] != nil } }

    /// - Parameter limit: in bytes; nil: none.
    func look(at limit: Int64?, named name: String) {
        let complaint = largest.complaint(about: limit, named: name)
        let known = complaints.withLock { complaints in
            defer { complaints[name] = complaint }
            return complaints[name]
        }
        guard complaint != known else { return }
        if let complaint {
            logger.warning("long messages cannot be stored and are refused", metadata: ["error": "\(complaint)"])
        } else {
            logger.notice("long messages can be stored again", metadata: ["limit": "\(name)"])
        }
    }
}
