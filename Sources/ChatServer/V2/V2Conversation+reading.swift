import CoreMetrics
import Domain
import NIOCore
import Service
import Wire

/// What the client is shown of the topics that it reads.
extension V2Conversation {
    /// How long until the log is asked again for a page that could not be read.
    private static let retryDelay = TimeAmount.milliseconds(500)

    // MARK: Errands

    /// Reads one page for a topic in which the client is behind.
    func readOn(_ topic: Topic, after cursor: SequenceNumber, in epoch: Epoch) async {
        do throws(ChatError) {
            let page = try await service.topics.read(topic, after: cursor, in: epoch, limit: connection.pageLimit) {
                page in
                // Counted before anything newer is delivered, so that its loop is told of that.
                fanout.beginLive(topic, connection)
                loop.post(.perform { [self] in take(page, of: topic, from: cursor, isLast: true) })
            }
            if let page { loop.post(.perform { [self] in take(page, of: topic, from: cursor, isLast: false) }) }
        } catch {
            loop.post(
                .perform { [self] in
                    loop.eventLoop.scheduleTask(in: Self.retryDelay) { [self] in
                        isReading = false
                        readNext()
                    }
                })
        }
    }

    /// For a client that is live again: what it is told from now on counts on from here.
    func tellMembers(of room: RoomName, _ session: Session) async {
        do throws(ChatError) {
            guard let notice = try await service.members(of: room, for: session) else { return }
            connection.send(V2Frame(.roomMembers(notice)))
        } catch {
            // Nobody can count now. The next who comes or goes brings the number.
        }
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

    func beginReading(_ topic: Topic, _ reader: Reader) {
        guard connection.conversation === self, !isStale else { return }
        stopShowing(topic)
        readers[topic] = reader
        // What the client said beyond where it begins is acknowledged when the reading comes to it.
        if case .behind(let cursor, _) = reader.state { acknowledge(pending.endReading(topic, upTo: cursor)) }
        readNext()
    }

    /// For a topic whose first page was sent as an answer.
    func goLive(_ topic: Topic, at cursor: SequenceNumber, in epoch: Epoch) {
        guard connection.conversation === self, !isStale else { return fanout.endLive(topic, connection) }
        readers[topic] = Reader(epoch: epoch, state: .live)
        loop.goLive(topic, connection, at: cursor)
    }

    func endReading(_ topic: Topic) {
        stopShowing(topic)
        readers[topic] = nil
        acknowledge(pending.endReading(topic))
    }

    private func acknowledge(_ settled: [(message: PendingMessages.Message, stored: Stored)]) {
        for (message, stored) in settled { connection.write(acknowledgement(message, stored)) }
    }

    /// - Returns: the newest message that was shown.
    @discardableResult
    private func stopShowing(_ topic: Topic) -> SequenceNumber {
        guard readers[topic]?.state == .live else { return .zero }
        fanout.endLive(topic, connection)
        return loop.leave(topic, connection)
    }

    /// Has the next page read for one of the topics in which the client is behind, if the socket takes it.
    func readNext() {
        guard !isReading, !isStale, connection.isWritable else { return }
        for (topic, reader) in readers {
            guard case .behind(let cursor, _) = reader.state else { continue }
            isReading = true
            return enqueue(.read(topic, after: cursor, reader.epoch))
        }
    }

    private func take(_ page: ReadingPage, of topic: Topic, from start: SequenceNumber, isLast: Bool) {
        isReading = false
        defer { readNext() }
        // The client may have left meanwhile, or begun anew elsewhere.
        guard let reader = readers[topic], case .behind(start, let shown) = reader.state, reader.epoch == page.epoch
        else {
            if isLast { fanout.endLive(topic, connection) }
            return
        }
        // There are no words for a gap in an inbox; its resume says that something may be missing.
        if page.isTruncated, topic.room == nil, shown == .catchUp {
            if isLast { fanout.endLive(topic, connection) }
            return connection.beginClosing(.tooSlow)
        }
        let (frames, manner) = reader.show(page, of: topic, isLast: isLast) { acknowledge($0) }
        if isLast {
            readers[topic]?.state = .live
            loop.goLive(topic, connection, at: page.cursor)
            if reader.hasMissedNotices, let room = topic.room, let session {
                readers[topic]?.hasMissedNotices = false
                enqueue(.count(room, session))
            }
        } else {
            readers[topic]?.state = .behind(page.cursor, manner)
        }
        for frame in frames { connection.write(frame) }
    }

    private func acknowledge(_ entry: Entry) -> V2Frame? {
        guard let message = entry.message else { return nil }
        return acknowledge(entry.topic, message.id, message.timestamp, entry.sequence)
    }

    /// The acknowledgement of an own message that waits for its place, which is here.
    private func acknowledge(
        _ topic: Topic, _ id: MessageID, _ timestamp: Timestamp, _ sequence: SequenceNumber
    ) -> V2Frame? {
        pending.pass(topic, id, timestamp).map { message in
            acknowledgement(message, Stored(sequence: sequence, timestamp: timestamp, isDuplicate: false))
        }
    }

    func frames(of batch: [Delivery]) -> [ByteBuffer] {
        batch.compactMap { delivery in
            guard delivery.except === connection else { return delivery.v2 }
            guard let message = delivery.message else { return nil }  // a notice of one's own doing
            let acknowledgement = acknowledge(delivery.topic, message.id, message.timestamp, message.sequence)
            return acknowledgement.map { ServerFrame.text($0.json) } ?? delivery.v2
        }
    }

    // MARK: On the event loop: slow readers

    func fallBehind() -> Bool {
        loop.afterTick { [self] in stopShowing() }
        return true
    }

    /// Everything live is left; what comes meanwhile is read from the log once the socket takes it.
    private func stopShowing() {
        let live = readers.filter { $0.value.state == .live }.map(\.key)
        guard !live.isEmpty else { return }
        metrics.catchUps.increment()
        for topic in live {
            let cursor = stopShowing(topic)
            readers[topic]?.state = .behind(cursor, .catchUp)
            readers[topic]?.hasMissedNotices = true
        }
        readNext()
    }

    func canWriteAgain() { readNext() }

    // MARK: On the event loop: another log

    func reads(_ kind: Topic.Kind) -> Bool { readers.keys.contains { $0.kind == kind } }

    func logRenewed() {
        isStale = true
        for topic in readers.keys { stopShowing(topic) }
        readers.removeAll()
        pending.removeAll()
    }
}
