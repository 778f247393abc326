import Domain
import Service

/// The state of the log's end, where it grows.
struct LogWriter {
    /// The segment that is written to.
    struct Active {
        let key: UInt32
        let file: any LogFile
        let header: SegmentHeader
        /// Where the next record goes. Bytes behind it do not count.
        var size: Int
    }

    /// What a failed write left at the end of the file.
    enum Tail {
        case sound
        /// A part of a record, which must be removed before anything else is written.
        case torn
        /// Unknown: after a failed sync the system may report the same bytes as synced the next time. The segment is
        /// cut to what is certain, and a new one begun.
        case unknown
    }

    var ids = RecentIDs()
    /// The newest sequences that were given out. A sequence whose write failed is not reused, since it may be on the
    /// disk after all.
    var last = PerKind<UInt64>.both(0)
    var active: Active?
    /// The number of the next segment's file.
    var nextNumber = 1
    var tail = Tail.sound
    /// Whether something was written that may not be on the disk yet.
    var isUnsynced = false
    var isFailing = false
    /// The greatest number of bytes that could not be written since the failures began.
    var refusedBytes = 0
    var isClosed = false
    /// Whether there is a sealed segment that compaction has not checked yet.
    var wantsCompaction = false
}

/// Messages that are written together: either all are stored, or, as far as anyone is told, none.
struct LogBatch {
    struct Place {
        let draft: Draft
        let key: RecentIDs.Key
        let sequence: UInt64
        let before: UInt64
        let previous: SequenceNumber?
        /// Relative to the beginning of the batch.
        let offset: Int
        let length: Int
    }

    /// The result for one draft.
    enum Outcome {
        case known(UInt64)
        /// Stored as the entry at this index of the batch.
        case stored(Int)
        /// The same message as the entry at this index.
        case repeated(Int)
        case tooLong
    }

    private(set) var bytes: [UInt8] = []
    private(set) var places: [Place] = []
    private(set) var outcomes: [Outcome] = []
    private var keys: [RecentIDs.Key: Int] = [:]
    /// Each topic's newest entry in the batch.
    private var heads: [Topic: UInt64] = [:]

    /// - Parameter neighbours: the topic's newest entry before the batch, and ``LogRecord/before`` for its first one in it.
    mutating func add(
        _ draft: Draft, writer: inout LogWriter, salt: UInt32, storedAt: Int64,
        neighbours: (Topic) -> (head: SequenceNumber, before: UInt64)
    ) {
        let key = RecentIDs.Key(draft)
        if let sequence = writer.ids[key] { return outcomes.append(.known(sequence)) }
        if let place = keys[key] { return outcomes.append(.repeated(place)) }

        let topic = draft.topic
        let (previous, before): (SequenceNumber?, UInt64)
        if let head = heads[topic] {
            (previous, before) = (SequenceNumber(head), head)
        } else {
            let (head, floor) = neighbours(topic)
            (previous, before) = (head == .zero ? nil : head, floor)
        }
        let sequence = writer.last[topic.kind] + 1
        let offset = bytes.count
        guard
            let length = LogRecord.append(
                draft, sequence: sequence, before: before, storedAt: storedAt, salt: salt, to: &bytes)
        else { return outcomes.append(.tooLong) }
        writer.last[topic.kind] = sequence
        heads[topic] = sequence
        keys[key] = places.count
        outcomes.append(.stored(places.count))
        places.append(
            Place(
                draft: draft, key: key, sequence: sequence, before: before, previous: previous, offset: offset,
                length: length))
    }
}

extension LogBatch.Place {
    var entry: Entry { Entry(draft, sequence: SequenceNumber(sequence), previous: previous) }
}

extension RecentIDs.Key {
    init(_ draft: Draft) {
        let traits = draft.contribution.traits
        self.init(topic: draft.topic, sender: traits.author, recipient: traits.recipient, id: traits.id.text)
    }
}
