import Domain
import Logging
import Service

/// What a start finds in the storage, and what it makes of it.
///
/// - A tail that holds no whole record is cut off: usually a write that the end of the process, or of the power, cut short.
/// - A whole record of a kind that a later version has written is an entry like any other.
/// - Damage with whole records behind it is stepped over, with a warning, and they are kept.
/// - Wherever something may have been lost that was acknowledged, nobody is told that nothing was: see
///   ``LogIndex/KindState/damaged``. Numbers that may have been given out are not given out again.
struct LogRecovery {
    private(set) var index: LogIndex
    private(set) var manifest: LogManifest
    private(set) var writer = LogWriter()

    private let storage: any LogStorage
    private let time: TimeSource
    private let logger: Logger
    private var topics = TopicNames()
    /// Something of the kind may be missing since its latest record.
    private var isDamaged = PerKind.both(false)
    private var anyDamage = false
    /// Entries of kinds that a later version has written.
    private var unknown = 0
    /// The most records that may have been at the end, where something was cut off.
    private var skipped: UInt64 = 0

    static func run(
        _ storage: any LogStorage, _ settings: LogStore.Settings, time: TimeSource, logger: Logger
    ) throws(StorageError) -> LogRecovery {
        var recovery = LogRecovery(
            index: LogIndex(messagesPerTopic: settings.messagesPerTopic, maximumAge: settings.maximumAge),
            manifest: LogManifest(), storage: storage, time: time, logger: logger)
        try recovery.run(settings)
        return recovery
    }

    private init(
        index: LogIndex, manifest: LogManifest, storage: any LogStorage, time: TimeSource, logger: Logger
    ) {
        self.index = index
        self.manifest = manifest
        self.storage = storage
        self.time = time
        self.logger = logger
    }

    private mutating func run(_ settings: LogStore.Settings) throws(StorageError) {
        let found = try LogManifest.read(from: storage)
        if let found { manifest = found }
        for kind in Topic.Kind.allCases {
            index.kinds[kind].forgotten = manifest.forgotten[kind]
            index.kinds[kind].damaged = manifest.damaged[kind]
        }
        let names = try segmentNames()
        for name in names { try read(name, isLast: name == names.last) }
        if unknown > 0 {
            logger.notice(
                "the log holds entries of a later version; they are kept and not shown",
                metadata: ["count": "\(unknown)"])
        }
        settle(isKnown: found != nil || names.isEmpty)
        try writer.active?.file.sync()  // a predecessor that was killed may have written and not synced

        let boot = LogManifest.currentBoot
        if manifest.mayHaveLost(boot: boot) {
            logger.warning("the machine went down while messages were not forced to the disk; some may be lost")
            manifest.epoch = RandomToken.make()
        }
        manifest.boot = boot
        manifest.isLoose = settings.sync != .always
        manifest.isClosed = false
        try manifest.write(to: storage)
    }

    /// The segments' names, oldest first; removes what a predecessor did not finish.
    private mutating func segmentNames() throws(StorageError) -> [SegmentName] {
        var names: [SegmentName] = []
        for text in try storage.names() {
            if let name = SegmentName(text) { names.append(name) }
            if text == SegmentName.unfinished { try storage.remove(text) }
        }
        names.sort { $0.number < $1.number }
        writer.nextNumber = (names.last?.number ?? 0) + 1
        return names
    }

    private mutating func read(_ name: SegmentName, isLast: Bool) throws(StorageError) {
        let file = try storage.open(name.text)
        let size = try file.size()
        guard (SegmentHeader.bytes...Int(UInt32.max)).contains(size),
            let header = SegmentHeader(try file.read(SegmentHeader.bytes, at: 0))
        else {
            return try setAside(name, file, size: size, isLast: isLast)
        }
        let key = index.addSegment(name.text, file, header, size: size)
        var end = size
        var scanner = SegmentScanner(file, header: header, to: size)
        while let item = try scanner.next() {
            switch item {
            case .record(let record, let offset, let bytes):
                take(record, segment: key, offset: offset, length: bytes.count)
            case .damage(let damage) where isLast && damage.kind != .middle:
                end = damage.offset
                try cut(file, damage)
            case .damage(let damage):
                warn(file, offset: damage.offset, count: damage.count)
            }
        }
        index.extendSegment(key, to: end)
        if isLast {
            writer.active = LogWriter.Active(key: key, file: file, header: header, size: end)
        } else {
            index.sealSegment(key)
        }
    }

    private mutating func take(_ record: LogRecord, segment: UInt32, offset: Int, length: Int) {
        // A compaction that did not come to its end has left some records twice.
        guard record.sequence > index.kinds[record.kind].last else { return }
        guard let topic = topics[record] else {
            anyDamage = true
            isDamaged = PerKind.both(true)
            return logger.warning("a stored message has no proper name of a room or user and is left out")
        }
        if isDamaged[record.kind] {
            index.kinds[record.kind].damaged = record.sequence - 1
            isDamaged[record.kind] = false
        }
        index.append(
            LogIndex.Location(
                sequence: record.sequence, segment: segment, offset: UInt32(offset), length: UInt32(length),
                storedAt: UInt32(clamping: record.storedAt / 1000)),
            to: topic, before: record.before, keepingHoles: anyDamage)

        guard !record.isUnknown else { return unknown += 1 }
        let age = Duration.milliseconds(max(0, time.wall().millisecondsSince1970 - record.storedAt))
        guard age <= RecentIDs.window else { return }
        writer.ids.insert(
            RecentIDs.Key(topic: topic, sender: record.sender, recipient: record.recipient, id: record.id),
            record.sequence, at: time.monotonic().advanced(by: .zero - age))
    }

    /// The tail is no record: whatever it is, nothing can be appended behind it.
    private mutating func cut(_ file: any LogFile, _ damage: SegmentScanner.Damage) throws(StorageError) {
        logger.warning(
            "the log ended in the middle of a message; that was cut off",
            metadata: ["file": "\(file.path)", "at": "\(damage.offset)", "bytes": "\(damage.count)"])
        try file.truncate(to: damage.offset)
        skipped = UInt64(damage.count / LogRecord.minimumBytes + 1)
        if damage.kind != .tornTail { isDamaged = PerKind.both(true) }
    }

    private mutating func warn(_ file: any LogFile, offset: Int, count: Int) {
        logger.error(
            "the log is damaged; the messages that stood there are lost",
            metadata: ["file": "\(file.path)", "at": "\(offset)", "bytes": "\(count)"])
        anyDamage = true
        isDamaged = PerKind.both(true)
    }

    /// A segment without a header cannot be read. An empty one is what a start of a segment that was cut short leaves.
    private mutating func setAside(
        _ name: SegmentName, _ file: any LogFile, size: Int, isLast: Bool
    ) throws(StorageError) {
        if isLast, size < SegmentHeader.bytes { return try storage.remove(name.text) }
        warn(file, offset: 0, count: size)
        skipped = max(skipped, UInt64(size / LogRecord.minimumBytes + 1))
        try storage.rename(name.text, to: name.text + ".damaged")
    }

    /// - Parameter isKnown: whether what was forgotten is known; else everything may have been.
    private mutating func settle(isKnown: Bool) {
        index.expire(now: UInt32(clamping: time.wall().millisecondsSince1970 / 1000))
        for kind in Topic.Kind.allCases {
            let last = max(index.kinds[kind].last, manifest.last[kind]) + skipped
            index.kinds[kind].last = last
            if !isKnown { index.kinds[kind].forgotten = last }
            if isDamaged[kind] { index.kinds[kind].damaged = last }
            writer.last[kind] = last
            manifest.last[kind] = last
            manifest.forgotten[kind] = index.kinds[kind].forgotten
            manifest.damaged[kind] = index.kinds[kind].damaged
        }
        writer.wantsCompaction = true
    }
}

/// The name of a segment's file: its number, in the order of the log.
struct SegmentName: Equatable {
    /// Of a segment that is being compacted.
    static let unfinished = "compaction.new"

    private static let ending = ".log"

    let number: Int
    let text: String

    init(number: Int) {
        self.number = number
        let digits = String(number)
        text = String(repeating: "0", count: max(0, 10 - digits.count)) + digits + Self.ending
    }

    init?(_ text: String) {
        guard text.hasSuffix(Self.ending), let number = Int(text.dropLast(Self.ending.count)), number > 0 else {
            return nil
        }
        self.number = number
        self.text = text
    }
}
