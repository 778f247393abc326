import DequeModule
import Domain
import Service

/// What a page needs from the disk, decided in one moment, so that nothing that happens while it is read makes a hole.
///
/// It holds on to the files: they can be read even after the log has removed them.
struct PagePlan: Sendable {
    struct Pick: Sendable {
        let sequence: UInt64
        let previous: SequenceNumber?
        let file: any LogFile
        let header: SegmentHeader
        let offset: Int
        let length: Int
    }

    let topic: Topic
    /// In the direction of the range.
    let picks: [Pick]
    let isBackward: Bool
    /// More are retained in that direction than were picked.
    let more: Bool
    let floor: SequenceNumber
    let head: SequenceNumber
    /// See ``LogPage/end``.
    let end: SequenceNumber
}

extension LogIndex {
    func page(of topic: Topic, _ range: LogRange, limit: PageLimit) -> PagePlan {
        let log = topics[topic] ?? TopicLog(dropped: 0)
        let candidates =
            switch range {
            case .latest: 0..<log.entries.count
            case .before(let sequence): 0..<log.lowerBound(sequence.value)
            case .after(let sequence): log.upperBound(sequence.value)..<log.entries.count
            }
        // No frame is smaller than its record's fixed part, so this many are enough, however large `limit.entries` is.
        let count = max(1, min(limit.entries, limit.bytes / LogRecord.minimumBytes + 1))
        let isBackward = if case .after = range { false } else { true }
        let positions = isBackward ? Array(candidates.suffix(count).reversed()) : Array(candidates.prefix(count))
        let picks = positions.compactMap { position -> PagePlan.Pick? in
            let entry = log.entries[position]
            guard let segment = segments[entry.segment] else { return nil }
            return PagePlan.Pick(
                sequence: entry.sequence, previous: log.previous(position), file: segment.file,
                header: segment.header, offset: Int(entry.offset), length: Int(entry.length))
        }
        return PagePlan(
            topic: topic, picks: picks, isBackward: isBackward, more: positions.count < candidates.count,
            floor: floor(of: topic), head: head(of: topic), end: SequenceNumber(kinds[topic.kind].last))
    }
}

extension PagePlan {
    /// Reads what was picked, as far as the limit allows.
    ///
    /// - Parameter onDamage: called for each record that is not what was written; its entry cannot be read then.
    func read(limit: PageLimit, epoch: Epoch, onDamage: (Pick) -> Void) throws(StorageError) -> LogPage {
        var entries: [Entry] = []
        var bytes = 0
        for pick in picks {
            let record = LogRecord(
                ArraySlice(try pick.file.read(pick.length, at: pick.offset)), salt: pick.header.salt)
            if record == nil { onDamage(pick) }
            let entry = Entry(
                topic: topic, sequence: SequenceNumber(pick.sequence), previous: pick.previous,
                body: record?.body(in: topic) ?? .unreadable)
            bytes += entry.frameSize
            guard entries.isEmpty || bytes <= limit.bytes else { break }
            entries.append(entry)
        }
        let isCut = entries.count < picks.count
        if isBackward { entries.reverse() }
        return LogPage(
            entries: entries, more: more || isCut, floor: floor, head: head, end: end, epoch: epoch)
    }
}
