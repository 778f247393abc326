import DequeModule
import Domain
import Service

/// Reads one stream back, through consumers that exist for one read.
struct JetStreamReader: Sendable {
    /// How much is asked for at a time.
    private static let batchSize = 256

    let api: JetStreamAPI
    let kind: Topic.Kind
    let decoder: EntryDecoder

    /// See ``MessageLog/readAll(_:after:_:)``.
    func readAll(
        after sequence: SequenceNumber, atMost maximum: UInt64, _ batch: ([LogEntry]) -> Void
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
                for message in messages { decoder.stored(message).map { page.append($0) } }
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
        var newest: Deque<LogEntry> = []
        if bound > report.first {
            let isWhole = bound > head || report.count <= BackwardSearch.enough(UInt64(wanted))
            var search = BackwardSearch(
                first: report.first, last: max(report.last, head), bound: bound, wanted: wanted, total: report.count,
                beyond: isWhole ? 0 : try await count(of: subject, from: bound))
            while true {
                while !search.isFound { search.counted(try await count(of: subject, from: search.place)) }
                newest = try await read(subject, from: search.place, before: bound, keeping: wanted)
                if newest.count >= wanted || search.place <= report.first { break }
                search.cameUpShort(newest.count)
            }
        }
        var page = PageFilling(limit)
        for entry in newest.reversed() where !page.isFull { page.append(entry) }
        return LogPage(
            entries: page.entries.reversed(), more: page.isFull, floor: try await floor(of: subject, report),
            head: SequenceNumber(head), epoch: report.epoch)
    }

    /// The newest entries in a stretch.
    private func read(
        _ subject: String, from first: UInt64, before bound: UInt64, keeping count: Int
    ) async throws(JetStreamError) -> Deque<LogEntry> {
        var cursor = StreamCursor(api: api, kind: kind, subject: subject, from: first, end: bound - 1)
        defer { cursor.close() }
        var newest: Deque<StoredMessage> = []
        while true {
            let messages = try await cursor.read(Self.batchSize)
            if messages.isEmpty { break }
            newest.append(contentsOf: messages)
            if newest.count > count { newest.removeFirst(newest.count - count) }
        }
        return Deque(newest.compactMap(decoder.stored))
    }

    /// About how many messages of a subject stand at or beyond a place.
    private func count(of subject: String, from sequence: UInt64) async throws(JetStreamError) -> UInt64 {
        let consumer = try await api.openConsumer(of: kind.stream, on: subject, from: sequence)
        api.close(consumer)
        return consumer.pending
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
    private(set) var entries: [LogEntry] = []
    /// There was an entry that had no place any more.
    private(set) var isFull = false

    init(_ limit: PageLimit) { self.limit = limit }

    /// How many entries may still come.
    var missing: Int { max(max(limit.entries, 1) - entries.count, 0) }

    mutating func append(_ entry: LogEntry) {
        let size = entry.frameSize
        guard !isFull, entries.isEmpty || (missing > 0 && bytes + size <= limit.bytes) else { return isFull = true }
        bytes += size
        entries.append(entry)
    }
}
