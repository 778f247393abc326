import CoreMetrics
import Domain
import Logging

/// Shows what a topic's tracker lets through: it keeps each entry for the window, and hands it to the edge.
struct TopicDisplay: Sendable {
    let log: any MessageLog
    let delivery: any TopicDelivery
    let connections: any LocalConnections
    let now: @Sendable () -> ContinuousClock.Instant
    let metrics: TopicMetrics
    let logger: Logger

    /// Call this under the feed's lock, which makes the order of the calls the order of what is shown. It may wait for event
    /// loops that are behind.
    func show(_ outputs: [GapTracker.Output], of feed: Feed, _ state: inout Feed.State) {
        guard !outputs.isEmpty else { return }
        let retained = log.entriesPerTopic(feed.topic.kind)
        let heldBack = state.repairingSince.map { now() - $0 } ?? .zero
        for output in outputs {
            state.keep(output, retained: retained)
            switch output {
            case .entry(let entry):
                guard entry.visibility >= .live else { continue }
                delivery.deliver(.entry(entry), except: authors(of: entry), heldBack: heldBack)
            case .late(let entry):
                guard entry.visibility >= .live else { continue }
                delivery.deliverLate(.entry(entry), except: authors(of: entry))
            case .gap(let after, let before):
                metrics.gapsLost.increment()
                logger.warning("messages are gone from the log before they were shown")
                tellGap(in: feed.topic, after: after, before: before)
            }
        }
    }

    /// The connections here of the entry's author: one look-up per entry. Their conversations know which of several sessions
    /// of a user has sent it.
    private func authors(of entry: Entry) -> UserConnections {
        (entry.traits?.author).map { connections.connections(of: $0, nil) } ?? .none
    }

    private func tellGap(in topic: Topic, after: SequenceNumber, before: SequenceNumber) {
        switch topic {
        case .room:
            delivery.deliver(.notice(.gap(topic, after: after, before: before)), except: .none)
        case .inbox(let username):
            // There are no words for a hole in an inbox. The owner's resume says that something may be missing.
            switch connections.connections(of: username.text, nil) {
            case .none: break
            case .one(let connection): connection.end(.mustResume)
            case .several(let connections): for connection in connections { connection.end(.mustResume) }
            }
        }
    }
}
