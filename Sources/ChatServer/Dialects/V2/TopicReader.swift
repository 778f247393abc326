import Domain
import Service
import Wire

/// Where one connection stands in one topic that it reads.
struct TopicReader {
    enum State: Equatable {
        /// Shown what comes. Where it stands its loop knows.
        case live
        /// Everything beyond the cursor is still to be read for it.
        case behind(SequenceNumber, Manner)
    }

    /// How pages are shown.
    enum Manner: Equatable {
        /// As the history of a resume: more follows until it is live.
        case resume(isTruncated: Bool)
        /// As the latest history, one page of it, with what came meanwhile behind it.
        case latest(hasOlder: Bool, isTruncated: Bool)
        /// As if they had come live.
        case catchUp

        /// How the page behind one is shown.
        var next: Manner { if case .resume = self { .resume(isTruncated: false) } else { .catchUp } }
    }

    let epoch: Epoch
    var state: State
    /// It was live and fell behind: who came and went meanwhile it is not told.
    var hasMissedNotices = false

    /// The frames of a page.
    ///
    /// - Parameters:
    ///   - isLast: the reader is live after it.
    ///   - acknowledge: gives the acknowledgement of an own message that waits for its place.
    func frames(
        of page: ReadingPage, in topic: Topic, isLast: Bool, acknowledge: (Entry) -> V2Frame?
    ) -> [V2Frame] {
        guard case .behind(let cursor, let manner) = state else { return [] }
        switch manner {
        case .resume(let isTruncated):
            let history = history(
                page.historyEntries, page, of: topic, more: !isLast, isTruncated: isTruncated || page.isTruncated)
            return [history] + page.entries.compactMap(acknowledge)
        case .latest(let hasOlder, let isTruncated):
            let history = history(page.latestEntries, page, of: topic, more: hasOlder, isTruncated: isTruncated)
            return [history] + page.entries.compactMap(acknowledge)
        case .catchUp:
            var frames: [V2Frame] = []
            if page.isTruncated, let room = topic.room {
                let before = page.entries.first?.sequence.value ?? page.cursor.value + 1
                frames.append(V2Frame(.gap(room: room.text, after: cursor.value, before: before)))
            }
            for entry in page.entries {
                if let frame = acknowledge(entry) ?? V2Event(entry).map({ V2Frame($0) }) {
                    frames.append(frame)
                }
            }
            return frames
        }
    }

    private func history(
        _ entries: [V2HistoryEntry], _ page: ReadingPage, of topic: Topic, more: Bool, isTruncated: Bool
    ) -> V2Frame {
        V2Frame(
            .history(
                V2History(
                    room: topic.room?.text ?? "", entries: entries, more: more, truncated: isTruncated,
                    epoch: page.epoch.text)))
    }
}
