/// Percent-coding (RFC 3986 §2.1): a byte as `%` and two hexadecimal digits.
///
/// Foundation's `removingPercentEncoding` is not used anywhere, since it drops a leading U+FEFF, which would make two names
/// look like one.
public enum PercentCoding {
    /// Which text is decoded.
    public enum Form: Sendable {
        /// A part of a URL: only `%XX` has a meaning.
        case url
        /// A form's field, as browsers write queries: `+` is a space as well.
        case form
    }

    /// Writes the bytes for which `mustBeEncoded` as `%XX`, with capital letters.
    ///
    /// For ``decoded(_:as:)`` to give `text` back, `%` has to be among them, and for a form also `+`.
    @inlinable
    public static func encoded(_ text: String, where mustBeEncoded: (UInt8) -> Bool) -> String {
        guard text.utf8.contains(where: mustBeEncoded) else { return text }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(3 * text.utf8.count)
        for byte in text.utf8 {
            if mustBeEncoded(byte) { append(byte, to: &bytes) } else { bytes.append(byte) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @usableFromInline
    static func append(_ byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "%"))
        bytes.append(digit(byte >> 4))
        bytes.append(digit(byte & 0xF))
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    /// Reads `text`, whose digits may be small or capital letters.
    public static func decoded(_ text: Substring, as form: Form) throws(PercentCodingError) -> String {
        let isSpecial = { (byte: UInt8) in byte == UInt8(ascii: "%") || (form == .form && byte == UInt8(ascii: "+")) }
        guard text.utf8.contains(where: isSpecial) else { return String(text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(value), let low = rest.next().flatMap(value) else { throw .digits }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where form == .form: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        return decoded
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// Whether the byte is an ASCII letter or digit.
    public static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Whether the byte means itself in every part of a URL (RFC 3986 §2.3).
    public static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: isLetterOrDigit(byte)
        }
    }
}

/// Why a text cannot be decoded.
public enum PercentCodingError: Error, Equatable, Sendable {
    /// A `%` without two hexadecimal digits behind it.
    case digits
    /// The decoded bytes are no UTF-8.
    case notUTF8
}
