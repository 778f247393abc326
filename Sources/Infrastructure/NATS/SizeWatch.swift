import Logging
import Synchronization

/// Checks limits that an operator may change while the server runs. Logs one line when one has become too small, and
/// one when it no longer is.
final class SizeWatch: Sendable {
    private let largest: LargestMessage
    private let logger: Logger
    /// The complaints, by the limit's name.
    private let complaints = Mutex<[String: String]>([:])

    init(_ largest: LargestMessage, logger: Logger) {
        self.largest = largest
        self.logger = logger
    }

    /// Whether the limit with that name was too small at the last check.
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
