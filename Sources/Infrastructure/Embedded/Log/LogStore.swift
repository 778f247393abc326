import Domain
import Logging
import Service
import Synchronization

/// When stored messages are forced to the disk.
public enum LogSync: String, Sendable, CaseIterable {
    /// Before the acknowledgement: an acknowledged message survives a loss of power.
    case always
    /// Once a second: an acknowledged message survives every end of the process. A loss of power can take the last
    /// second.
    case interval
}

/// The embedded log's messages, in segments of an append-only log with an index in memory.
///
/// An acknowledged message is in the file, and on the disk if ``LogSync/always`` is set. Only then is it put into the
/// index, so that nobody is shown a message that could vanish. A batch is written and synced as one, so the cost per
/// caller falls with their number.
///
/// - Threads: ``append(_:)``, ``sync()``, ``probe()``, ``expire()`` and ``close()`` must be called on one serial queue,
///   ``compact()`` on another one. Reading is allowed on any thread.
final class LogStore: Sendable {
    struct Settings: Sendable {
        var sync = LogSync.always
        var messagesPerTopic = 1000
        var maximumAge = Duration.seconds(30 * 24 * 3600)
        /// The greatest size of a segment, in bytes. A batch is never split, so a segment may exceed it.
        var segmentBytes = 16 << 20
    }

    /// What was appended: its confirmation, and the entry to show, nil for a message that was known already.
    struct Stored {
        let appended: Appended
        let entry: Entry?
    }

    let storage: any LogStorage
    let settings: Settings
    let epoch: Epoch
    let time: TimeSource
    let logger: Logger
    let index: Mutex<LogIndex>
    let manifest: Mutex<LogManifest>
    /// Held by the writing queue for as long as it writes. Only upkeep ever waits for it.
    let writer: Mutex<LogWriter>
    /// Why nothing can be stored now. Separate from the writer, whose lock is held while it waits for the disk.
    let obstacle = Mutex<String?>(nil)

    /// An empty log.
    init(_ storage: any LogStorage, _ settings: Settings, time: TimeSource, logger: Logger) {
        self.storage = storage
        self.settings = settings
        self.time = time
        self.logger = logger
        let manifest = LogManifest()
        epoch = Epoch(manifest.epoch)
        index = Mutex(LogIndex(messagesPerTopic: settings.messagesPerTopic, maximumAge: settings.maximumAge))
        writer = Mutex(LogWriter())
        self.manifest = Mutex(manifest)
    }

    /// Opens the log that the storage holds, and makes it ready for appends.
    static func open(
        _ storage: any LogStorage, _ settings: Settings, time: TimeSource, logger: Logger
    ) throws(StorageError) -> LogStore {
        let recovery = try LogRecovery.run(storage, settings, time: time, logger: logger)
        return LogStore(storage, settings, recovery, time: time, logger: logger)
    }

    private init(
        _ storage: any LogStorage, _ settings: Settings, _ recovery: LogRecovery, time: TimeSource, logger: Logger
    ) {
        self.storage = storage
        self.settings = settings
        self.time = time
        self.logger = logger
        epoch = Epoch(recovery.manifest.epoch)
        index = Mutex(recovery.index)
        writer = Mutex(recovery.writer)
        manifest = Mutex(recovery.manifest)
    }

    /// Seconds since 1970.
    var now: UInt32 { UInt32(clamping: time.wall().millisecondsSince1970 / 1000) }
}

// MARK: Reading

extension LogStore {
    /// How many entries are passed to the caller at a time.
    private static let batchEntries = 256

    func head(of topic: Topic) -> SequenceNumber { index.withLock { $0.head(of: topic) } }

    /// Reads from the disk.
    func page(of topic: Topic, _ range: LogRange, limit: PageLimit) throws(StorageError) -> LogPage {
        let plan = index.withLock { $0.page(of: topic, range, limit: limit) }
        return try plan.read(limit: limit, epoch: epoch) { pick in
            logger.error(
                "a stored message is damaged and left out",
                metadata: ["file": "\(pick.file.path)", "at": "\(pick.offset)"])
        }
    }

    /// Reads from the disk, one segment after another.
    ///
    /// - Returns: nil, without reading anything, if the end is further away than `maximum`.
    func readAll(
        _ kind: Topic.Kind, after sequence: SequenceNumber, atMost maximum: UInt64, _ batch: ([Entry]) -> Void
    ) throws(StorageError) -> SequenceNumber? {
        let (segments, end) = index.withLock { index in
            (index.order.compactMap { index.segments[$0] }, index.kinds[kind].last)
        }
        guard end <= sequence.value || end - sequence.value <= maximum else { return nil }
        var last = sequence.value
        var topics = TopicNames()
        var entries: [Entry] = []
        for segment in segments where segment.last[kind] > last {
            var scanner = SegmentScanner(segment.file, header: segment.header, to: segment.size)
            while let item = try scanner.next() {
                guard case .record(let record, _, _) = item, record.kind == kind, record.sequence > last,
                    let topic = topics[record]
                else { continue }
                let (isRetained, previous) = index.withLock { $0.neighbours(of: record.sequence, in: topic) }
                guard isRetained else { continue }
                last = record.sequence
                entries.append(
                    Entry(
                        topic: topic, sequence: SequenceNumber(last), previous: previous, body: record.body(in: topic)))
                if entries.count == Self.batchEntries {
                    batch(entries)
                    entries.removeAll(keepingCapacity: true)
                }
            }
        }
        if !entries.isEmpty { batch(entries) }
        return SequenceNumber(end)
    }
}

/// The topics of records. Each name is validated once, because validation is expensive.
struct TopicNames {
    private var known = PerKind<[ExactText: Topic]>.both([:])

    /// Nil if the record's name is not valid.
    subscript(record: LogRecord) -> Topic? {
        mutating get {
            let name = record.topicName
            if let topic = known[record.kind][ExactText(name)] { return topic }
            guard let topic = Topic(record.kind, storedName: name) else { return nil }
            known[record.kind][ExactText(name)] = topic
            return topic
        }
    }
}
