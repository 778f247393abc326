/// The beginning of a message's content, with which a receiver identifies the message: 16 bytes, `~RRRRRR:NNNNNNNN`.
///
/// `R` names the run; `N` is the message's number in the run. The sender, the sender's count and the intended time
/// follow from the number, so they are not included: the frame stays small, and there is nothing more to read from it.
enum LoadText {
    static let headerBytes = 16
    /// Digits of a run's name.
    static let runDigits = 6

    /// A name that no other run has: user names, room names and contents begin with it.
    static func randomRun() -> String {
        let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return String((0..<runDigits).map { _ in digits[Int.random(in: 0..<digits.count)] })
    }

    /// The first eight bytes, as they are in memory.
    static func marker(run: String) -> UInt64 {
        var marker: UInt64 = 0
        for (place, byte) in "~\(run):".utf8.prefix(8).enumerated() { marker |= UInt64(byte) << UInt64(8 * place) }
        return marker
    }

    /// The second eight bytes, as they are in memory: sixteen letters from `a` on are digits, the most significant
    /// first.
    static func digits(of number: UInt32) -> UInt64 {
        var digits: UInt64 = 0
        for place in 0..<8 {
            let digit = UInt64(number >> UInt32(28 - 4 * place)) & 0xF
            digits |= (digit + UInt64(UInt8(ascii: "a"))) << UInt64(8 * place)
        }
        return digits
    }

    /// - Returns: nil if a byte is not a digit.
    @inline(__always)
    static func number(digits: UInt64) -> UInt32? {
        // The nibbles of eight bytes are combined in three steps; the first byte is the most significant.
        var value = UInt64(bigEndian: digits) &- 0x6161_6161_6161_6161
        guard value & 0xF0F0_F0F0_F0F0_F0F0 == 0 else { return nil }
        value = (value | value >> 4) & 0x00FF_00FF_00FF_00FF
        value = (value | value >> 8) & 0x0000_FFFF_0000_FFFF
        value = (value | value >> 16) & 0xFFFF_FFFF
        return UInt32(truncatingIfNeeded: value)
    }

    /// The padding of a message's content.
    static func padding(_ count: Int) -> [UInt8] {
        let words = Array(" the quick brown fox jumps over the lazy dog".utf8)
        return (0..<count).map { words[$0 % words.count] }
    }
}
