import DequeModule
import Domain
import Service

/// Reads one stream back, through consumers that exist for one read.
struct JetStreamReader: Sendable {
    /// How much is asked for at a time.
    private static let batchSize = 256

    var api: JetStreamAPI
    let kind: Topic.Kind
    let decoder: EntryDecoder

    /// See ``MessageLog/readAll(_:after:_:)``.
    func readAll(
        after sequence: SequenceNumber, atMost maximum: UInt64, _ batch: ([Entry]) -> Void
    ) async throws(JetStreamError) -> SequenceNumber? {
        // Asked before the consumer is made, which then sees everything up to here.
        let end = try await api.streamInfo(kind.stream).last
        guard sequence.value < end else { return SequenceNumber(end) }
        guard end - sequence.value <= maximum else { return nil }
        var cursor = StreamCursor(api: api, kind: kind, subject: nil, from: sequence.value + 1, end: end)
        defer { cursor.close() }
        while true {
            let messages = try await cursor.read(Self.batchSize)
            if messages.isEmpty { break }
            batch(messages.compactMap(decoder.stored))
        }
        return SequenceNumber(end)
    }

    /// See ``MessageLog/page(of:_:limit:)``.
    func page(of topic: Topic, _ range: LogRange, limit: PageLimit) async throws(JetStreamError) -> LogPage {
        switch range {
        case .after(let sequence): try await page(of: topic, after: sequence.value, limit)
        case .before(let sequence): try await page(of: topic, before: sequence.value, limit)
        case .latest: try await page(of: topic, before: .max, limit)
        }
    }

    private func page(
        of topic: Topic, after sequence: UInt64, _ limit: PageLimit
    ) async throws(JetStreamError) -> LogPage {
        let subject = Subject.stored(topic)
        let head = try await api.lastSequence(of: subject, in: kind.stream) ?? 0
        var page = PageFilling(limit)
        if sequence < head {
            var cursor = StreamCursor(api: api, kind: kind, subject: subject, from: sequence + 1, end: head)
            defer { cursor.close() }
            while !page.isFull {
                let messages = try await cursor.read(min(page.missing + 1, Self.batchSize))
                if messages.isEmpty { break }
                for message in messages { page.append(decoder.stored(message, in: topic)) }
            }
        }
        // Asked afterwards: what was dropped meanwhile counts as dropped.
        let report = try await api.streamInfo(kind.stream, counting: subject)
        return LogPage(
            entries: page.entries, more: page.isFull, floor: try await floor(of: subject, report),
            head: SequenceNumber(head), epoch: report.epoch)
    }

    private func page(
        of topic: Topic, before bound: UInt64, _ limit: PageLimit
    ) async throws(JetStreamError) -> LogPage {
        let subject = Subject.stored(topic)
        let report = try await api.streamInfo(kind.stream, counting: subject)
        let head = report.count > 0 ? try await api.lastSequence(of: subject, in: kind.stream) ?? 0 : 0
        let bound = min(bound, head + 1)
        let wanted = max(limit.entries, 1) + 1  // one more, to see whether there is more
        let newest =
            bound > report.first ? try await newest(wanted, of: topic, before: bound, head: head, report) : []
        var page = PageFilling(limit)
        for entry in newest.reversed() where !page.isFull { page.append(entry) }
        return LogPage(
            entries: page.entries.reversed(), more: page.isFull, floor: try await floor(of: subject, report),
            head: SequenceNumber(head), end: SequenceNumber(report.last), epoch: report.epoch)
    }

    /// The newest entries before a place, oldest first.
    private func newest(
        _ wanted: Int, of topic: Topic, before bound: UInt64, head: UInt64, _ report: StreamReport
    ) async throws(JetStreamError) -> [Entry] {
        let subject = Subject.stored(topic)
        var beyond = UInt64(0)
        if bound <= head, report.count > BackwardSearch.enough(UInt64(wanted)) {
            let consumer = try await api.openConsumer(of: kind.stream, on: subject, from: bound)
            api.close(consumer)
            beyond = consumer.pending
        }
        var search = BackwardSearch(
            first: report.first, last: max(report.last, head), bound: bound, wanted: wanted, total: report.count,
            beyond: beyond)
        while true {
            // The consumer that counted what is found reads it as well.
            var reader: StreamConsumer?
            while !search.isFound {
                let place = search.place
                let counter = try await api.openConsumer(of: kind.stream, on: subject, from: place)
                search.counted(counter.pending)
                if search.isFound, search.place == place { reader = counter } else { api.close(counter) }
            }
            var cursor = StreamCursor(
                api: api, kind: kind, subject: subject, from: search.place, end: bound - 1, consumer: reader)
            defer { cursor.close() }
            var messages: Deque<StoredMessage> = []
            while true {
                let batch = try await cursor.read(Self.batchSize)
                if batch.isEmpty { break }
                messages.append(contentsOf: batch)
                if messages.count > wanted { messages.removeFirst(messages.count - wanted) }
            }
            if messages.count >= wanted || search.place <= report.first {
                return messages.map { decoder.stored($0, in: topic) }
            }
            search.cameUpShort(messages.count)
        }
    }

    /// See ``LogPage/floor``.
    private func floor(of subject: String, _ report: StreamReport) async throws(JetStreamError) -> SequenceNumber {
        if report.keepsAll { return SequenceNumber(report.first - 1) }
        let oldest = try await api.nextSequence(of: subject, in: kind.stream, from: report.first)
        // Purged this moment: nothing is known of what was there.
        return SequenceNumber(oldest ?? report.last)
    }
}

/// The entries of a page, in the order of reading, up to its limits.
private struct PageFilling {
    private let limit: PageLimit
    private var bytes = 0
    private(set) var entries: [Entry] = []
    /// There was an entry that had no place any more.
    private(set) var isFull = false

    init(_ limit: PageLimit) { self.limit = limit }

    /// How many entries may still come.
    var missing: Int { max(max(limit.entries, 1) - entries.count, 0) }

    mutating func append(_ entry: Entry) {
        let size = entry.frameSize
        guard !isFull, entries.isEmpty || (missing > 0 && bytes + size <= limit.bytes) else { return isFull = true }
        bytes += size
        entries.append(entry)
    }
}
