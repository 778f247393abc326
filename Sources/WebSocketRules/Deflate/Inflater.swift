import CZlib
public import NIOCore

/// Inflates messages that were compressed by RFC 7692 without the context of those before.
///
/// Since a message needs nothing of the one before it, one inflater serves all connections of an event loop. It has some
/// 40 KiB of memory. Used by one thread at a time.
public final class Inflater {
    public enum Failure: Error {
        /// The message is larger than it may be.
        case tooBig
        /// These bytes are no compressed message.
        case corrupt
    }

    /// What the sender has left away behind the message (§7.2.2).
    private static let trailer: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
    /// zlib's flag in `data_type`: a block has ended, and the next one has not begun.
    private static let betweenBlocks: Int32 = 128

    /// zlib keeps the stream's address, so it may not move.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let isReady: Bool

    public init() {
        stream.initialize(to: z_stream())
        isReady = inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    }

    deinit {
        if isReady { inflateEnd(stream) }
        stream.deallocate()
    }

    /// The greatest size of a compressed message that can be worth inflating. What cannot be compressed grows by five bytes
    /// a block, and senders end a block at least every few KiB.
    ///
    /// - Parameter bytes: the greatest size of an inflated message.
    public static func compressedLimit(forInflated bytes: Int) -> Int { bytes + bytes / 64 + 256 }

    /// Inflates a whole message. Never makes more than `maximum` bytes and one, whatever the message says.
    ///
    /// - Parameter maximum: the greatest size of an inflated message, in bytes; at least 0.
    public func inflate(_ message: ByteBuffer, atMost maximum: Int) throws(Failure) -> ByteBuffer {
        // Nothing but the empty block that the sender has left away.
        guard message.readableBytes > 0 else { return ByteBuffer() }
        guard isReady, inflateReset(stream) == Z_OK else { throw .corrupt }
        var output = ByteBuffer()
        let hasEnded = try feed(message.readableBytesView, into: &output, atMost: maximum)
        // A message may end with a final block and nothing behind it, though its sender should have begun another one
        // (§7.2.3.5).
        if hasEnded { return output }
        _ = try feed(Self.trailer, into: &output, atMost: maximum)
        guard stream.pointee.data_type & Self.betweenBlocks != 0 else { throw .corrupt }
        return output
    }

    /// - Returns: whether these bytes have ended with a final block.
    private func feed(
        _ bytes: some Collection<UInt8>, into output: inout ByteBuffer, atMost maximum: Int
    ) throws(Failure) -> Bool {
        let result = bytes.withContiguousStorageIfAvailable { input in
            Result { () throws(Failure) in try inflate(input, into: &output, atMost: maximum) }
        }
        guard let result else { throw .corrupt }
        return try result.get()
    }

    private func inflate(
        _ input: UnsafeBufferPointer<UInt8>, into output: inout ByteBuffer, atMost maximum: Int
    ) throws(Failure) -> Bool {
        guard input.count <= Int(UInt32.max) / 2 else { throw .tooBig }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = uInt(input.count)
        var room = max(256, min(input.count, 1 << 20) * 4)
        while true {
            room = min(room, maximum + 1 - output.readableBytes)
            let status = inflateOnce(into: &output, atMost: room)
            if output.readableBytes > maximum { throw .tooBig }
            switch status {
            case Z_STREAM_END:
                guard inflateReset(stream) == Z_OK else { throw .corrupt }
                if stream.pointee.avail_in == 0 { return true }
            case Z_OK, Z_BUF_ERROR:
                // With room left zlib has taken all there is; it says Z_BUF_ERROR where that was nothing.
                if stream.pointee.avail_out > 0 { return false }
                room = max(256, output.readableBytes)  // as much again
            default:
                throw .corrupt
            }
        }
    }

    private func inflateOnce(into output: inout ByteBuffer, atMost room: Int) -> Int32 {
        var status = Z_OK
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { space in
            stream.pointee.next_out = space.baseAddress?.assumingMemoryBound(to: Bytef.self)
            stream.pointee.avail_out = uInt(room)
            status = CZlib.inflate(stream, Z_SYNC_FLUSH)
            return room - Int(stream.pointee.avail_out)
        }
        return status
    }
}
