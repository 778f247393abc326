import Domain
import Service

/// Where one client stands in each of the topics that it reads, and which page is read for it next. A pure value.
struct TopicReaders {
    /// A page that is to be read.
    struct Wanted: Equatable, Sendable {
        let topic: Topic
        let cursor: SequenceNumber
        let epoch: Epoch
    }

    /// What becomes of a page.
    enum Taken {
        /// Nobody waits for it any more.
        case unwanted
        /// The reader has missed something, and there are no words for that in its topic.
        case hasHole
        /// It is shown by the reader as it was before.
        case show(TopicReader)
    }

    private enum State {
        case idle
        /// A page is being read, or will be as soon as the log answers again. One at a time.
        case awaitingPage
        /// Nothing is shown any more.
        case closed
    }

    private var readers: [Topic: TopicReader] = [:]
    private var state = State.idle

    subscript(topic: Topic) -> TopicReader? { readers[topic] }

    var topics: [Topic] { Array(readers.keys) }

    var live: [Topic] { readers.filter { $0.value.state == .live }.map(\.key) }

    var isClosed: Bool { state == .closed }

    func reads(_ kind: Topic.Kind) -> Bool { readers.keys.contains { $0.kind == kind } }

    /// From now on the client reads the topic. Does nothing once closed.
    mutating func begin(_ topic: Topic, _ reader: TopicReader) {
        if !isClosed { readers[topic] = reader }
    }

    mutating func end(_ topic: Topic) { readers[topic] = nil }

    /// The client reads nothing more, and will not begin to.
    mutating func close() {
        readers = [:]
        state = .closed
    }

    /// The reader was live, and is read to from `cursor` on as soon as its socket takes more.
    mutating func fallBehind(_ topic: Topic, at cursor: SequenceNumber) {
        readers[topic]?.state = .behind(cursor, .catchUp)
        readers[topic]?.hasMissedNotices = true
    }

    /// - Returns: the page that is to be read now. Until it is taken, or has failed, there is no other.
    mutating func nextPage() -> Wanted? {
        guard state == .idle else { return nil }
        for (topic, reader) in readers {
            guard case .behind(let cursor, _) = reader.state else { continue }
            state = .awaitingPage
            return Wanted(topic: topic, cursor: cursor, epoch: reader.epoch)
        }
        return nil
    }

    /// The page could not be read; the next one may be.
    mutating func pageFailed() { awaitNoPage() }

    /// The page was read.
    ///
    /// - Parameter isLast: what is delivered from now on comes after it. A reader to whom it is shown is live then.
    mutating func take(_ page: ReadingPage, _ wanted: Wanted, isLast: Bool) -> Taken {
        awaitNoPage()
        // The client may have left meanwhile, or begun anew elsewhere.
        guard let reader = readers[wanted.topic], case .behind(wanted.cursor, let manner) = reader.state,
            reader.epoch == page.epoch
        else { return .unwanted }
        // There are no words for a gap in an inbox; its resume says that something may be missing.
        if page.isTruncated, wanted.topic.room == nil, manner == .catchUp { return .hasHole }
        readers[wanted.topic]?.state = isLast ? .live : .behind(page.cursor, manner.next)
        if isLast { readers[wanted.topic]?.hasMissedNotices = false }
        return .show(reader)
    }

    private mutating func awaitNoPage() { if state == .awaitingPage { state = .idle } }
}
