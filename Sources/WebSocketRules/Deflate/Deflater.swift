import CZlib
public import NIOCore

/// Compresses messages (RFC 7692 §7.2.1), each without the context of those before it.
///
/// It has some 270 KiB of memory with the full window, and is used again for every message: one for each thread that
/// compresses, not one for each connection. Used by one thread at a time.
public final class Deflater {
    /// More takes time and gains little: docs/decisions/0029-compression.md has the figures.
    static let level: Int32 = 1
    /// What a flush writes last, and RFC 7692 leaves away.
    private static let flushBytes = 4
    /// zlib's own default.
    private static let memoryLevel: Int32 = 8

    /// zlib keeps the stream's address, so it may not move.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let isReady: Bool
    private var output = ByteBuffer()

    public init(_ window: DeflateWindow) {
        stream.initialize(to: z_stream())
        isReady =
            deflateInit2_(
                stream, Self.level, Z_DEFLATED, Int32(-window.bits), Self.memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
    }

    deinit {
        if isReady { deflateEnd(stream) }
        stream.deallocate()
    }

    /// Compresses a message.
    ///
    /// - Returns: nil where that would not make it smaller, so that it is to be sent as it is. The bytes are valid until the
    ///   next call.
    public func deflate(_ message: UnsafeRawBufferPointer) -> ByteBuffer? {
        guard isReady, message.count <= Int(UInt32.max) / 2, deflateReset(stream) == Z_OK else { return nil }
        let room = message.count + Self.flushBytes
        output.clear(minimumCapacity: room)
        var status = Z_OK
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { space in
            // zlib does not write to its input, though its type says so.
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: message.baseAddress?.assumingMemoryBound(to: Bytef.self))
            stream.pointee.avail_in = uInt(message.count)
            stream.pointee.next_out = space.baseAddress?.assumingMemoryBound(to: Bytef.self)
            stream.pointee.avail_out = uInt(room)
            status = CZlib.deflate(stream, Z_SYNC_FLUSH)
            return room - Int(stream.pointee.avail_out)
        }
        // Without room left the flush may not be complete, and nothing would be gained.
        guard status == Z_OK, stream.pointee.avail_in == 0, stream.pointee.avail_out > 0 else { return nil }
        return output.getSlice(at: output.readerIndex, length: output.readableBytes - Self.flushBytes)
    }
}
