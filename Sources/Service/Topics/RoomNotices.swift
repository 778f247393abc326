import CoreMetrics
import Domain

/// What rooms are told and no log keeps: who came and went, one by one in small rooms and as counts in large ones, and who
/// writes.
final class RoomNotices: Sendable {
    private let feeds: Feeds
    private let delivery: any TopicDelivery
    private let connections: any LocalConnections
    private let wall: @Sendable () -> Timestamp
    private let metrics: TopicMetrics
    private let recent = OrderedMutex(RecentNotices())
    private let merger: OrderedMutex<NoticeMerger>

    /// - Parameter limit: members of a room, above which those who come and go are told as counts.
    init(
        mergingAbove limit: Int, feeds: Feeds, delivery: any TopicDelivery, connections: any LocalConnections,
        wall: @escaping @Sendable () -> Timestamp, metrics: TopicMetrics
    ) {
        merger = OrderedMutex(NoticeMerger(above: limit), rank: .merger)
        self.feeds = feeds
        self.delivery = delivery
        self.connections = connections
        self.wall = wall
        self.metrics = metrics
    }

    /// Rooms whose counts wait, or that are known to be large.
    var crowds: Int { merger.withLock { $0.count } }

    /// Somebody came or went. What was told before is not told again. May wait for event loops that are behind.
    func receive(_ notice: MembershipNotice) {
        guard recent.withLock({ $0.insert(notice) }) else { return }
        // Who comes has been told, and who goes is not; nor is anyone told that a dead session of the same name, which
        // they have succeeded, has left. A user who is in the room with another session has neither come nor gone.
        let own = connections.connections(of: notice.username.text, notice.session)
        let isFollowed = feeds.feed(.room(notice.room)) != nil
        // Shown under the lock, so that a notice and the counts before it do not overtake each other. The edge's loops
        // never take it, so a wait for them there ends.
        merger.withLock { merger in
            if isFollowed, merger.merge(notice) {
                metrics.noticesMerged.increment()
            } else {
                delivery.deliver(.notice(.membership(notice)), except: own)
            }
        }
    }

    /// May wait for event loops that are behind.
    func receive(_ notice: TypingNotice) {
        let own = connections.connections(of: notice.username.text, notice.session)
        delivery.deliver(.notice(.typing(notice)), except: own)
    }

    /// Tells the large rooms what has been gathered. May wait for event loops that are behind.
    func showMerged() {
        merger.withLock { merger in
            for notice in merger.take(at: wall(), where: { feeds.feed(.room($0)) != nil }) {
                delivery.deliver(.notice(.members(notice)), except: .none)
            }
        }
    }
}
