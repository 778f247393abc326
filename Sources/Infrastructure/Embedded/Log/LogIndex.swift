import DequeModule
import Domain
import Search
import Service

/// Where everything stands, and what is retained of it: a pure value, 24 bytes per message.
///
/// It holds only what is stored for good: what is not on the disk yet is not in here.
struct LogIndex {
    /// Where an entry stands.
    struct Location {
        let sequence: UInt64
        /// The key of the segment that holds it.
        let segment: UInt32
        let offset: UInt32
        /// With its frame.
        let length: UInt32
        /// Seconds since 1970.
        let storedAt: UInt32
    }

    /// What is retained of one topic.
    struct TopicLog {
        var entries: Deque<Location> = []
        /// Nothing of the topic was ever dropped beyond this number.
        var dropped: UInt64
    }

    struct KindState {
        /// The newest number there is.
        var last: UInt64 = 0
        /// Nothing was ever dropped beyond this number of a topic of which nothing is retained.
        var forgotten: UInt64 = 0
        /// Beyond this number nothing was lost to damage.
        var damaged: UInt64 = 0
    }

    struct Segment {
        let key: UInt32
        let name: String
        let file: any LogFile
        let header: SegmentHeader
        /// How much of the file counts.
        var size: Int
        /// Of that, what is retained.
        var liveBytes = 0
        /// When the newest entry was stored, in seconds since 1970.
        var newest: UInt32 = 0
        /// The newest numbers in it.
        var last = PerKind<UInt64>.both(0)
        /// Nothing is written to it any more.
        var isSealed = false
    }

    let messagesPerTopic: Int
    /// In seconds.
    let maximumAge: UInt32
    private(set) var topics: [Topic: TopicLog] = [:]
    var kinds = PerKind.both(KindState())
    /// By their keys.
    private(set) var segments: [UInt32: Segment] = [:]
    /// The keys, oldest segment first.
    private(set) var order: [UInt32] = []
    private var nextKey: UInt32 = 0

    init(messagesPerTopic: Int, maximumAge: Duration) {
        self.messagesPerTopic = messagesPerTopic
        self.maximumAge = UInt32(clamping: maximumAge.components.seconds)
    }
}

// MARK: What is asked

extension LogIndex {
    func head(of topic: Topic) -> SequenceNumber { SequenceNumber(topics[topic]?.entries.last?.sequence ?? 0) }

    func floor(of topic: Topic) -> SequenceNumber {
        let kind = kinds[topic.kind]
        return SequenceNumber(max(topics[topic]?.dropped ?? kind.forgotten, kind.damaged))
    }

    /// See ``LogRecord/before``.
    func before(_ topic: Topic) -> UInt64 {
        topics[topic].map { $0.entries.last?.sequence ?? $0.dropped } ?? kinds[topic.kind].forgotten
    }

    func holds(_ sequence: UInt64, of topic: Topic, in segment: UInt32) -> Bool {
        guard let log = topics[topic], let position = log.position(of: sequence) else { return false }
        return log.entries[position].segment == segment
    }

    /// The entry of the topic before `sequence`; nil where none is retained, and where `sequence` is not.
    func neighbours(of sequence: UInt64, in topic: Topic) -> (isRetained: Bool, previous: SequenceNumber?) {
        guard let log = topics[topic], let position = log.position(of: sequence) else { return (false, nil) }
        return (true, log.previous(position))
    }
}

extension LogIndex.TopicLog {
    /// The position of the first entry whose number is `sequence` or greater.
    func lowerBound(_ sequence: UInt64) -> Int { entries.partitioningIndex { $0.sequence >= sequence } }

    /// The position of the first entry whose number is greater than `sequence`.
    func upperBound(_ sequence: UInt64) -> Int { entries.partitioningIndex { $0.sequence > sequence } }

    func position(of sequence: UInt64) -> Int? {
        let position = lowerBound(sequence)
        return position < entries.count && entries[position].sequence == sequence ? position : nil
    }

    func previous(_ position: Int) -> SequenceNumber? {
        position > 0 ? SequenceNumber(entries[position - 1].sequence) : nil
    }
}

// MARK: What happens

extension LogIndex {
    /// - Returns: the new segment's key.
    ///
    /// - Parameter position: where in the order; nil: at the end.
    mutating func addSegment(
        _ name: String, _ file: any LogFile, _ header: SegmentHeader, size: Int, at position: Int? = nil
    ) -> UInt32 {
        let key = nextKey
        nextKey += 1
        segments[key] = Segment(key: key, name: name, file: file, header: header, size: size)
        order.insert(key, at: position ?? order.count)
        return key
    }

    /// Says how much of the file counts.
    mutating func extendSegment(_ key: UInt32, to size: Int) { segments[key]?.size = size }

    /// Says that nothing will be written to it any more.
    mutating func sealSegment(_ key: UInt32) { segments[key]?.isSealed = true }

    /// - Returns: false where entries were in it that are retained: they are lost.
    mutating func removeSegment(_ key: UInt32) -> Bool {
        order.removeAll { $0 == key }
        guard let segment = segments.removeValue(forKey: key), segment.liveBytes > 0 else { return true }
        for kind in Topic.Kind.allCases { kinds[kind].damaged = max(kinds[kind].damaged, segment.last[kind]) }
        return false
    }

    /// Takes in what was stored, and drops what is too much of the topic then.
    ///
    /// - Parameter before: see ``LogRecord/before``. Where entries are missing in between, those before them are dropped:
    ///   retention leaves no holes.
    mutating func append(_ entry: Location, to topic: Topic, before: UInt64, keepingHoles: Bool = false) {
        kinds[topic.kind].last = max(kinds[topic.kind].last, entry.sequence)
        segments[entry.segment]?.add(entry, topic.kind)
        let surplus = topics[topic, default: TopicLog(dropped: before)]
            .append(entry, before: before, keeping: messagesPerTopic, keepingHoles: keepingHoles)
        for entry in surplus { release(entry) }
    }

    /// Drops what is too old, and forgets topics of which nothing is left.
    ///
    /// - Parameter now: seconds since 1970.
    /// - Returns: of each topic that has lost something the newest number that it lost.
    @discardableResult
    mutating func expire(now: UInt32) -> [Topic: UInt64] {
        guard now > maximumAge else { return [:] }
        let limit = now - maximumAge
        var dropped: [Topic: UInt64] = [:]
        let due = topics.filter { $0.value.entries.first.map { $0.storedAt < limit } ?? true }.keys
        for topic in due {
            guard var log = topics.removeValue(forKey: topic) else { continue }
            while let oldest = log.entries.first, oldest.storedAt < limit {
                log.entries.removeFirst()
                log.dropped = oldest.sequence
                dropped[topic] = oldest.sequence
                release(oldest)
            }
            if log.entries.isEmpty {
                kinds[topic.kind].forgotten = max(kinds[topic.kind].forgotten, log.dropped)
            } else {
                topics[topic] = log
            }
        }
        return dropped
    }

    /// Says that an entry now stands somewhere else as well, and is to be read there.
    mutating func relocate(_ sequence: UInt64, of topic: Topic, from old: UInt32, to new: UInt32, offset: UInt32) {
        guard let position = topics[topic]?.position(of: sequence), let entry = topics[topic]?.entries[position],
            entry.segment == old
        else { return }
        let moved = Location(
            sequence: sequence, segment: new, offset: offset, length: entry.length, storedAt: entry.storedAt)
        topics[topic]?.entries[position] = moved
        release(entry)
        segments[new]?.add(moved, topic.kind)
    }

    private mutating func release(_ entry: Location) { segments[entry.segment]?.liveBytes -= Int(entry.length) }
}

extension LogIndex.Segment {
    fileprivate mutating func add(_ entry: LogIndex.Location, _ kind: Topic.Kind) {
        liveBytes += Int(entry.length)
        newest = max(newest, entry.storedAt)
        last[kind] = max(last[kind], entry.sequence)
    }
}

extension LogIndex.TopicLog {
    /// - Returns: what is dropped.
    fileprivate mutating func append(
        _ entry: LogIndex.Location, before: UInt64, keeping limit: Int, keepingHoles: Bool
    ) -> [LogIndex.Location] {
        var surplus: [LogIndex.Location] = []
        if !keepingHoles, let newest = entries.last, newest.sequence < before {
            surplus = Array(entries)
            entries.removeAll()
            dropped = before
        }
        entries.append(entry)
        while entries.count > limit, let oldest = entries.popFirst() {
            dropped = oldest.sequence
            surplus.append(oldest)
        }
        return surplus
    }
}
