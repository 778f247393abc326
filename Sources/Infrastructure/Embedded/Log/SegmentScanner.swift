/// Reads a segment from end to end in chunks, and finds the next record after damage.
struct SegmentScanner {
    enum Item {
        /// An intact record; `bytes` includes its frame.
        case record(LogRecord, offset: Int, bytes: ArraySlice<UInt8>)
        case damage(Damage)
    }

    /// A range that holds no intact record.
    struct Damage: Equatable {
        let offset: Int
        let count: Int
        let kind: Kind

        enum Kind {
            /// Intact records follow.
            case middle
            /// The rest of the file, which looks like an interrupted write: an incomplete record, or zeros.
            case tornTail
            /// The rest of the file, which does not look like an interrupted write.
            case tail
        }
    }

    private static let window = 1 << 20

    private let file: any LogFile
    private let salt: UInt32
    private let end: Int
    private var offset: Int
    private var buffer: [UInt8] = []
    private var bufferOffset = 0

    /// - Parameter end: the bytes from here on are not read.
    init(_ file: any LogFile, header: SegmentHeader, to end: Int) {
        self.file = file
        self.salt = header.salt
        self.end = end
        offset = SegmentHeader.bytes
    }

    /// - Returns: nil at the end.
    mutating func next() throws(StorageError) -> Item? {
        guard offset < end else { return nil }
        if let (record, bytes) = try record(at: offset) {
            defer { offset += bytes.count }
            return .record(record, offset: offset, bytes: bytes)
        }
        let start = offset
        let isTorn = try isTorn(at: start)
        offset += 1
        while offset < end, try record(at: offset) == nil { offset += 1 }
        let count = offset - start
        guard offset == end else { return .damage(Damage(offset: start, count: count, kind: .middle)) }
        return .damage(Damage(offset: start, count: count, kind: isTorn ? .tornTail : .tail))
    }

    private mutating func record(at offset: Int) throws(StorageError) -> (LogRecord, ArraySlice<UInt8>)? {
        guard let frame = LogRecord.frame(try bytes(LogRecord.frameBytes, at: offset)) else { return nil }
        let bytes = try bytes(LogRecord.frameBytes + frame.length, at: offset)
        return LogRecord(bytes, salt: salt).map { ($0, bytes) }
    }

    private mutating func isTorn(at offset: Int) throws(StorageError) -> Bool {
        guard end - offset >= LogRecord.frameBytes else { return true }
        if let frame = LogRecord.frame(try bytes(LogRecord.frameBytes, at: offset)) {
            return LogRecord.frameBytes + frame.length > end - offset
        }
        for position in stride(from: offset, to: end, by: Self.window) {
            guard try bytes(min(Self.window, end - position), at: position).allSatisfy({ $0 == 0 }) else {
                return false
            }
        }
        return true
    }

    /// The bytes from `offset` on: `count`, or fewer at the end.
    private mutating func bytes(_ count: Int, at offset: Int) throws(StorageError) -> ArraySlice<UInt8> {
        let wanted = min(count, end - offset)
        if offset < bufferOffset || offset + wanted > bufferOffset + buffer.count {
            buffer = try file.read(min(max(wanted, Self.window), end - offset), at: offset)
            bufferOffset = offset
        }
        return buffer.dropFirst(offset - bufferOffset).prefix(wanted)
    }
}
