import CoreMetrics
import Domain
import NIOCore
import Service
import Wire

/// Shows one client the topics that it reads. ``TopicReaders`` decides; this does what follows.
///
/// Sendable because everything mutable is touched on the connection's event loop only; ``read(_:take:)`` touches none of it.
final class V2Reading: @unchecked Sendable {
    private let connection: Connection
    private let edge: Edge
    /// Its own messages are acknowledged where the reading meets them.
    private let sending: V2Sending
    private var readers = TopicReaders()

    init(_ connection: Connection, _ edge: Edge, _ sending: V2Sending) {
        self.connection = connection
        self.edge = edge
        self.sending = sending
    }

    private var loop: ConnectionLoop { connection.connectionLoop }

    // MARK: In errands

    /// Reads one page.
    ///
    /// - Parameter take: called once, with the page and whether what is delivered from now on comes after it. Then this is
    ///   under the lock of the topic's feed: it only hands the page on.
    /// - Throws: ``ChatError/Code/unavailable``.
    func read(
        _ wanted: TopicReaders.Wanted, take: (ReadingPage, _ isLast: Bool) -> Void
    ) async throws(ChatError) {
        let page = try await edge.service.topics.read(
            wanted.topic, after: wanted.cursor, in: wanted.epoch, limit: connection.pageLimit
        ) { page in
            // Counted before anything newer is delivered, so that its loop is told of that.
            edge.fanout.beginLive(wanted.topic, connection)
            take(page, true)
        }
        if let page { take(page, false) }
    }

    // MARK: On the event loop

    /// Up to where the client has been shown the topic; nil where it does not read it.
    func cursor(of topic: Topic) -> SequenceNumber? {
        switch readers[topic]?.state {
        case nil: nil
        case .live: loop.cursor(of: topic)
        case .behind(let cursor, _): cursor
        }
    }

    func reads(_ kind: Topic.Kind) -> Bool { readers.reads(kind) }

    func begin(_ topic: Topic, _ reader: TopicReader) {
        guard !readers.isClosed else { return }
        leave(topic)
        readers.begin(topic, reader)
        // What the client said beyond where it begins is acknowledged when the reading comes to it.
        if case .behind(let cursor, _) = reader.state { sending.endReading(topic, upTo: cursor) }
    }

    /// For a topic whose first page was sent as an answer, and which the fan-out has been told of.
    func goLive(_ topic: Topic, at cursor: SequenceNumber, in epoch: Epoch) {
        guard !readers.isClosed else { return edge.fanout.endLive(topic, connection) }
        readers.begin(topic, TopicReader(epoch: epoch, state: .live))
        loop.goLive(topic, connection, at: cursor)
    }

    func end(_ topic: Topic) {
        leave(topic)
        readers.end(topic)
        sending.endReading(topic)
    }

    /// The client reads nothing more, and will not begin to.
    func close() {
        for topic in readers.topics { leave(topic) }
        readers.close()
    }

    /// - Returns: the newest message that was shown.
    @discardableResult
    private func leave(_ topic: Topic) -> SequenceNumber {
        guard readers[topic]?.state == .live else { return .zero }
        edge.fanout.endLive(topic, connection)
        return loop.leave(topic, connection)
    }

    /// Leaves everything live; what comes meanwhile is read from the log once the socket takes it.
    func fallBehind() {
        let live = readers.live
        guard !live.isEmpty else { return }
        edge.metrics.catchUps.increment()
        for topic in live { readers.fallBehind(topic, at: leave(topic)) }
    }

    /// - Returns: the page that is to be read now, if the socket takes it.
    func nextPage() -> TopicReaders.Wanted? { connection.isWritable ? readers.nextPage() : nil }

    func pageFailed() { readers.pageFailed() }

    /// Shows a page.
    ///
    /// - Returns: the room that the client is live in again and has not been told the number of members of.
    func take(_ page: ReadingPage, _ wanted: TopicReaders.Wanted, isLast: Bool) -> RoomName? {
        let topic = wanted.topic
        switch readers.take(page, wanted, isLast: isLast) {
        case .unwanted:
            if isLast { edge.fanout.endLive(topic, connection) }
            return nil
        case .hasHole:
            if isLast { edge.fanout.endLive(topic, connection) }
            connection.beginClosing(.tooSlow)
            return nil
        case .show(let reader):
            let frames = reader.frames(of: page, in: topic, isLast: isLast) { sending.acknowledgement(inPlaceOf: $0) }
            if isLast { loop.goLive(topic, connection, at: page.cursor) }
            for frame in frames { connection.write(frame) }
            return isLast && reader.hasMissedNotices ? topic.room : nil
        }
    }
}
