import CoreMetrics
import Domain
import Synchronization

/// Who came and who went: told one by one in small rooms, as counts in large ones.
extension ChatService {
    /// How long the comings and goings of a large room are gathered before it is told.
    static let mergingInterval = Duration.seconds(1)

    /// Called on threads of the bus, and by those whose notice the bus did not take.
    func receive(_ notice: MembershipNotice) {
        guard recentNotices.withLock({ $0.insert(notice) }) else { return }
        // Who comes has been told, and who goes is not; nor is anyone told that a dead session of the same name, which
        // they have succeeded, has left.
        let own = connection(of: notice.username, notice.session)
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

    /// Tells the large rooms what has been gathered.
    func showMergedNotices() {
        merger.withLock { merger in
            for notice in merger.take(at: time.wall(), where: { feeds.feed(.room($0)) != nil }) {
                delivery.deliver(.notice(.members(notice)), except: nil)
            }
        }
    }

    /// The connection here whose own doing a notice is. - Parameter session: nil: whichever the user has now.
    func connection(of username: Username, _ id: SessionID?) -> (any ClientConnection)? {
        guard let session = sessions.session(named: username.text), id == nil || id == session.id else { return nil }
        return session.connection
    }
}
