import Domain
import Synchronization

/// How busy the client of a session is. Two atomic values, since they are written with each message and seldom read.
struct SessionActivity: ~Copyable, Sendable {
    private let messages = Atomic<Int>(0)
    private let lastRequest: Atomic<Int64>

    init(since: Timestamp) { lastRequest = Atomic(since.millisecondsSince1970) }

    /// Messages that were accepted from it, to rooms and to users.
    var messagesSent: Int { messages.load(ordering: .relaxed) }

    /// When it asked for something the last time; typing does not count.
    var lastActivity: Timestamp { Timestamp(millisecondsSince1970: lastRequest.load(ordering: .relaxed)) }

    func said() { messages.wrappingAdd(1, ordering: .relaxed) }

    func touched(at time: Timestamp) { lastRequest.store(time.millisecondsSince1970, ordering: .relaxed) }
}
