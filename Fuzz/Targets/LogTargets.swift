import Domain
import Logging
import Service

@testable import InfrastructureEmbedded

extension FuzzTarget {
    /// A segment of the log with damage in it: what is intact is found, and what is not is told apart.
    static let segments = FuzzTarget("segments", maximumBytes: 2048) { input in
        var choices = Choices(input)
        let header = SegmentHeader(salt: UInt32(truncatingIfNeeded: choices.word()))
        var bytes = header.encoded
        var records: [Range<Int>] = []
        let room = RoomName.global
        for sequence in 1...choices.number(1...8) {
            let message = Message(
                id: MessageID(choices.text(upTo: 20)), sender: choices.text(upTo: 20), content: choices.text(upTo: 200),
                timestamp: Timestamp(millisecondsSince1970: Int64(truncatingIfNeeded: choices.word())))
            let start = bytes.count
            let length = LogRecord.append(
                Draft(.message(message), in: .room(room)), sequence: UInt64(sequence), before: UInt64(sequence - 1),
                storedAt: 1, salt: header.salt, to: &bytes)
            try requireSame(length, bytes.count - start, "the length of a record")
            records.append(start..<bytes.count)
        }
        let whole = bytes
        while !choices.isAtEnd {
            switch choices.number(0...7) {
            case 0: bytes.removeLast(min(choices.number(0...40), bytes.count - SegmentHeader.bytes))
            case 1: bytes += choices.bytes(upTo: 60)
            default:
                let position = choices.number(SegmentHeader.bytes...max(SegmentHeader.bytes, bytes.count - 1))
                if position < bytes.count { bytes[position] ^= choices.byte() }
            }
        }
        let intact = records.filter { $0.upperBound <= bytes.count && bytes[$0] == whole[$0] }
        let found = try SegmentReading.records(of: bytes, header)
        for record in intact { try require(found.contains(record), "an intact record at \(record) is not found") }
        try SegmentReading.open(bytes)
    }

    /// The body of a record, whatever its checksum.
    static let records = FuzzTarget("records", maximumBytes: 1024) { input in
        _ = LogRecord.frame(input[...])
        _ = SegmentHeader(input)
        guard let record = LogRecord(body: input[...]) else { return }
        try require(record.sequence <= LogRecord.maximumSequence, "a number out of range")
        guard let topic = Topic(record.kind, storedName: record.topicName) else { return }
        guard case .contribution(let contribution) = record.body(in: topic) else { return }
        var bytes: [UInt8] = []
        let draft = Draft(contribution, in: topic)
        guard
            LogRecord.append(
                draft, sequence: record.sequence, before: record.before, storedAt: record.storedAt, salt: 7, to: &bytes)
                != nil
        else { return }
        let again = LogRecord(bytes[...], salt: 7)
        try requireSame(again?.body(in: topic), record.body(in: topic), "a record that was written and read")
    }
}

private enum SegmentReading {
    /// Where intact records stand. What is found and what is damaged covers the file, once.
    static func records(of bytes: [UInt8], _ header: SegmentHeader) throws -> [Range<Int>] {
        let file = try MemoryStorage().create("segment")
        try file.write(bytes, at: 0)
        var scanner = SegmentScanner(file, header: header, to: bytes.count)
        var position = SegmentHeader.bytes
        var records: [Range<Int>] = []
        while let item = try scanner.next() {
            let range =
                switch item {
                case .record(_, let offset, let bytes): offset..<offset + bytes.count
                case .damage(let damage): damage.offset..<damage.offset + damage.count
                }
            try requireSame(range.lowerBound, position, "where an item begins")
            if case .record = item { records.append(range) }
            position = range.upperBound
        }
        try requireSame(position, max(bytes.count, SegmentHeader.bytes), "where the last item ends")
        return records
    }

    /// A log opens with the segment, and opens again as it was left.
    static func open(_ bytes: [UInt8]) throws {
        let storage = MemoryStorage()
        try storage.create(SegmentName(number: 1).text).write(bytes, at: 0)
        let logger = Logger(label: "fuzz", factory: { _ in SwiftLogNoOpLogHandler() })
        let first = try LogStore.open(storage, LogStore.Settings(), time: .system, logger: logger)
        let second = try LogStore.open(storage, LogStore.Settings(), time: .system, logger: logger)
        try requireSame(first.epoch, second.epoch, "the log's incarnation")
    }
}
