import Domain

/// The topics with readers on this instance. Where the first comes the bus is told to follow, and where the last goes to
/// stop.
///
/// That happens under the lock, so that the bus hears of both in the order in which they happened. The bus waits for no
/// answer in either, and calls nothing of ours.
final class FollowedTopics: Sendable {
    private let interest = OrderedMutex(TopicInterest(), rank: .interest)
    private let bus: any TopicBus
    private let feeds: Feeds

    init(bus: any TopicBus, feeds: Feeds) {
        self.bus = bus
        self.feeds = feeds
    }

    var count: Int { interest.withLock { $0.activeTopics } }

    /// One reader more.
    ///
    /// - Throws: ``ChatError/Code/unavailable``. Then nothing has changed.
    func enter(_ topic: Topic) throws(ChatError) {
        try interest.withLock { interest throws(ChatError) in
            guard interest.enter(topic) else { return }
            feeds.open(topic)
            do throws(ChatError) {
                try bus.follow(topic)
                feeds.wake()  // the log is asked where the topic stands
            } catch {
                feeds.close(topic)
                _ = interest.leave(topic)
                throw error
            }
        }
    }

    /// One reader less.
    func leave(_ topic: Topic) {
        interest.withLock { interest in
            guard interest.leave(topic) else { return }
            bus.unfollow(topic)
            feeds.close(topic)
        }
    }
}
