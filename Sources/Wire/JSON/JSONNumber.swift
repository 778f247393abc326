/// A number as it was written: RFC 8259 sets no limit to it, so what it is worth is decided where a type is known.
public struct JSONNumber: Equatable, Sendable, CustomStringConvertible {
    /// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
    public let description: String

    init(_ text: String) { description = text }

    /// Its exact value, where that is a whole number which the type can hold.
    public func whole<Integer: FixedWidthInteger>(as type: Integer.Type = Integer.self) -> Integer? {
        Integer(description) ?? wholeWithExponent()
    }

    /// `1.0`, `1e2` or `12.5e1`.
    private func wholeWithExponent<Integer: FixedWidthInteger>() -> Integer? {
        let parts = description.utf8.split(maxSplits: 1) { $0 | 0x20 == UInt8(ascii: "e") }
        guard let mantissa = parts.first, mantissa.count < description.utf8.count || mantissa.contains(Self.point)
        else {
            return nil  // it was plain, and too large
        }
        let halves = mantissa.drop { $0 == UInt8(ascii: "-") }
            .split(separator: Self.point, omittingEmptySubsequences: false)
        var digits = halves.flatMap { Array($0) }.drop { $0 == Self.zero }
        guard !digits.isEmpty else { return 0 }
        let isNegative = mantissa.first == UInt8(ascii: "-")

        // Nothing with more digits than this is in range.
        let mostDigits = Integer.bitWidth
        var shift = halves.count > 1 ? -halves[1].count : 0
        if parts.count > 1 {
            guard let exponent = Int(String(decoding: parts[1], as: UTF8.self)) else { return nil }
            let sum = shift.addingReportingOverflow(exponent)
            guard !sum.overflow else { return nil }
            shift = sum.partialValue
        }
        // Counted at once: an exponent near the greatest `Int` leaves no room to count in steps.
        let zeros = digits.reversed().prefix { $0 == Self.zero }.count
        digits.removeLast(zeros)
        let sum = shift.addingReportingOverflow(zeros)
        guard !sum.overflow else { return nil }
        shift = sum.partialValue
        guard shift >= 0, shift <= mostDigits, digits.count <= mostDigits else { return nil }
        let whole = String(decoding: digits, as: UTF8.self) + String(repeating: "0", count: shift)
        return Integer(isNegative ? "-" + whole : whole)
    }

    private static let point = UInt8(ascii: ".")
    private static let zero = UInt8(ascii: "0")
}
