import CHiredis
import NIOCore

/// Turns the bytes from the socket into replies. It is the only owner of a hiredis reader.
///
/// Not thread-safe and not `Sendable`: it lives within its connection's handler, on one event loop. After an error it
/// cannot be used any more.
final class RedisReplyParser {
    /// A larger reply is treated as malformed. The largest expected reply, the list of all users, has about 40 bytes
    /// for each user.
    static let maximumBuffered = 64 << 20

    private let reader: UnsafeMutablePointer<redisReader>

    init() throws(RedisError) {
        guard let reader = redisReaderCreate() else { throw .protocolViolation("out of memory") }
        self.reader = reader
    }

    deinit { redisReaderFree(reader) }

    func feed(_ buffer: ByteBuffer) throws(RedisError) {
        let status = buffer.withUnsafeReadableBytes { bytes in
            redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard status == REDIS_OK else { throw failure }
        guard reader.pointee.len - reader.pointee.pos <= Self.maximumBuffered else {
            throw .protocolViolation("the reply is too long")
        }
    }

    /// The next complete reply; nil until more bytes come.
    func next() throws(RedisError) -> RedisReply? {
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw failure }
        guard let object else { return nil }
        defer { freeReplyObject(object) }
        return RedisReply(object.assumingMemoryBound(to: redisReply.self))
    }

    private var failure: RedisError {
        let text = withUnsafeBytes(of: reader.pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return .protocolViolation(text)
    }
}

/// A command as Redis reads it.
enum RedisCommand {
    /// - Parameter arguments: the command's name first; any bytes.
    static func encode(_ arguments: [String]) throws(RedisError) -> ByteBuffer {
        let lengths = arguments.map(\.utf8.count)
        var text: [CChar] = []
        text.reserveCapacity(lengths.reduce(1, +))
        for argument in arguments { text.append(contentsOf: argument.utf8.lazy.map { CChar(bitPattern: $0) }) }
        // Even if all arguments are empty, there is memory to point to.
        text.append(0)

        var formatted: UnsafeMutablePointer<CChar>?
        let length = text.withUnsafeBufferPointer { text in
            var start = text.baseAddress
            var starts: [UnsafePointer<CChar>?] = []
            starts.reserveCapacity(lengths.count)
            for length in lengths {
                starts.append(start)
                start = start.map { $0 + length }
            }
            return redisFormatCommandArgv(&formatted, Int32(arguments.count), &starts, lengths)
        }
        guard length >= 0, let formatted else { throw .protocolViolation("the command cannot be formatted") }
        defer { redisFreeCommand(formatted) }
        return ByteBuffer(bytes: UnsafeRawBufferPointer(start: formatted, count: Int(length)))
    }
}
