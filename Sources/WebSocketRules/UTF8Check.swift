/// Checks UTF-8 (RFC 3629 §4) that comes in pieces, so that a text is refused with the first piece that spoils it.
struct UTF8Check: Sendable {
    /// The bytes that are missing from the last character.
    private var missing: UInt8 = 0
    /// What the next of them may be.
    private var least: UInt8 = 0x80
    private var greatest: UInt8 = 0xBF

    /// Whether the text may end here.
    var isComplete: Bool { missing == 0 }

    /// Takes the next piece. After false nothing more is to be given.
    ///
    /// - Returns: whether the text can still be UTF-8.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var place = 0
        while place < bytes.count {
            if missing == 0 {
                place += Self.asciiBytes(in: bytes, from: place)
                guard place < bytes.count else { return true }
                guard begin(bytes[place]) else { return false }
            } else {
                guard (least...greatest).contains(bytes[place]) else { return false }
                (least, greatest) = (0x80, 0xBF)
                missing -= 1
            }
            place += 1
        }
        return true
    }

    /// The first byte of a character of several bytes.
    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, least) = (2, 0xA0)  // not what fits into two bytes
        case 0xED: (missing, greatest) = (2, 0x9F)  // no surrogates
        case 0xE1...0xEF: missing = 2
        case 0xF0: (missing, least) = (3, 0x90)  // not what fits into three bytes
        case 0xF1...0xF3: missing = 3
        case 0xF4: (missing, greatest) = (3, 0x8F)  // nothing past U+10FFFF
        default: return false
        }
        return true
    }

    private static func asciiBytes(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var place = start
        while bytes.count - place >= 8,
            bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        { place += 8 }
        while place < bytes.count, bytes[place] < 0x80 { place += 1 }
        return place - start
    }
}
