import CZlib

/// Compression in the format of `Content-Encoding: gzip` (RFC 1952).
enum Gzip {
    /// Of `deflateInit2`: a window of 32 KiB, and a header and trailer of gzip in place of zlib's.
    private static let windowBits: Int32 = 15 + 16
    private static let memoryLevel: Int32 = 9

    /// Compresses as well as zlib can: this is done once for bytes that are sent often.
    ///
    /// - Returns: nil if zlib cannot do it, which is most often for want of memory.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard
            deflateInit2_(
                &stream, Z_BEST_COMPRESSION, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        guard let length = UInt32(exactly: bytes.count) else { return nil }
        var input = bytes
        let bound = Int(deflateBound(&stream, uLong(bytes.count)))
        guard let room = UInt32(exactly: bound) else { return nil }
        let compressed = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = length
                stream.next_out = output.baseAddress
                stream.avail_out = room
                count = deflate(&stream, Z_FINISH) == Z_STREAM_END ? Int(stream.total_out) : 0
            }
        }
        return compressed.isEmpty ? nil : compressed
    }
}
