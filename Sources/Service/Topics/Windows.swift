import Domain

/// Fills the windows of topics from the log.
///
/// On the topics' own threads, as ``TopicReading``.
struct Windows: Sendable {
    let feeds: Feeds
    let reads: MeasuredLog

    /// A followed topic's feed, once its window is filled: by one read, however many want it.
    func filled(_ topic: Topic) async throws(ChatError) -> Feed {
        for _ in 0..<3 {
            guard let feed = feeds.feed(topic) else { throw .begunAnew }
            if feed.withState({ $0.filled != nil }) { return feed }
            try await feed.filling.run { () async throws(ChatError) in try await fill(feed) }
        }
        throw .begunAnew
    }

    private func fill(_ feed: Feed) async throws(ChatError) {
        let before: SequenceNumber? = feed.withState { state in
            guard state.filled == nil else { return nil }
            state.window = .filling(shown: [])
            return state.tracker.cursor
        }
        guard let before else { return }
        do throws(ChatError) {
            let page = try await reads.page(of: feed.topic, .latest, limit: Window.limit)
            let needsLog = feed.withState { state in
                // Emptied: the log was renewed meanwhile, or has dropped something. Behind what was shown: it was read too
                // early.
                guard case .filling(let shown) = state.window, page.end >= before else {
                    state.window = .empty
                    return false
                }
                state.tracker.headIs(page.head)
                state.tracker.beginReading()
                state.window = .filled(
                    Window(
                        page, shown: shown, cursor: state.tracker.cursor,
                        retained: reads.log.entriesPerTopic(feed.topic.kind)))
                return state.tracker.step != nil
            }
            if needsLog {
                feeds.markUrgent(feed.topic)
                feeds.wake()
            }
        } catch {
            feed.withState { state in
                if case .filling = state.window { state.window = .empty }
            }
            throw error
        }
    }
}

extension ChatError {
    static let begunAnew = ChatError(.unavailable, "the history cannot be read now, try again")
}
