/// CRC-32C (Castagnoli, RFC 3720 §12.1), eight bytes at a time. Detects any damage within 32 consecutive bits.
enum CRC32C {
    /// - Parameter seed: the checksum of the bytes before, or any value to mix in.
    static func checksum(_ bytes: some Collection<UInt8>, seed: UInt32 = 0) -> UInt32 {
        let result = bytes.withContiguousStorageIfAvailable { checksum(UnsafeRawBufferPointer($0), seed) }
        return result ?? Array(bytes).withUnsafeBytes { checksum($0, seed) }
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer, _ seed: UInt32) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            func look(_ table: Int, _ index: UInt64) -> UInt32 { tables[table << 8 | Int(index & 0xFF)] }
            var crc = ~seed
            var position = 0
            while bytes.count - position >= 8 {
                let word =
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)) ^ UInt64(crc)
                crc = look(7, word) ^ look(6, word >> 8) ^ look(5, word >> 16) ^ look(4, word >> 24)
                crc ^= look(3, word >> 32) ^ look(2, word >> 40) ^ look(1, word >> 48) ^ look(0, word >> 56)
                position += 8
            }
            while position < bytes.count {
                crc = crc >> 8 ^ look(0, UInt64(crc) ^ UInt64(bytes[position]))
                position += 1
            }
            return ~crc
        }
    }

    /// The eight tables of 256, one after the other.
    private static let tables: [UInt32] = {
        var tables = (0..<256).map { index in
            (0..<8).reduce(UInt32(index)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
        }
        for position in 256..<8 * 256 {
            let crc = tables[position - 256]
            tables.append(crc >> 8 ^ tables[Int(crc & 0xFF)])
        }
        return tables
    }()
}
