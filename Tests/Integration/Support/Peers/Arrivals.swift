import Synchronization

/// The latest joins, told by those who joined.
///
/// Who joins is told so directly; the others hear of it by way of NATS, and somebody who joins just after may still be
/// among them. That is no fault: a client that reads one frame after the other passes over such a late notice, once.
enum Arrivals {
    private static let capacity = 16
    private static let notices = Mutex<[TextFrame]>([])

    static func add(_ notice: TextFrame) {
        notices.withLock { notices in
            notices.append(notice)
            if notices.count > capacity { notices.removeFirst() }
        }
    }

    /// Those that a client that connects now may still hear of.
    static var latest: [TextFrame] { notices.withLock { $0 } }
}
