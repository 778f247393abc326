/// The header of a segment: a magic word, and a salt for the checksums of its records.
///
/// The salt is random and never leaves the disk. So nobody can write a message whose bytes would pass for a record when
/// the log searches for the next intact one after damage. The header is stored twice, because without its salt nothing
/// can be read.
struct SegmentHeader: Equatable {
    static let bytes = 2 * copyBytes

    private static let magic = Array("CHATLOG1".utf8)
    private static let copyBytes = magic.count + 8

    let salt: UInt32

    static func random() -> SegmentHeader { SegmentHeader(salt: .random(in: .min ... .max)) }

    var encoded: [UInt8] {
        var copy = Self.magic
        copy.appendInteger(salt)
        copy.appendInteger(CRC32C.checksum(copy))
        return copy + copy
    }
}

extension SegmentHeader {
    /// Reads the result of ``encoded``, or one intact half of it.
    init?(_ bytes: [UInt8]) {
        for copy in [bytes.prefix(Self.copyBytes), bytes.dropFirst(Self.copyBytes).prefix(Self.copyBytes)] {
            var rest = copy.dropFirst(Self.magic.count)
            guard copy.starts(with: Self.magic), let salt = rest.popInteger(UInt32.self),
                rest.popInteger(UInt32.self) == CRC32C.checksum(copy.dropLast(4))
            else { continue }
            self.init(salt: salt)
            return
        }
        return nil
    }
}
