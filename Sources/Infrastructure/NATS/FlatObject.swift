/// Reads a JSON object of strings alone, as stored messages are, without Foundation's decoder.
///
/// Every instance reads every message that it hears or looks up: this takes a tenth of the decoder's 8 µs. What is not as
/// plain (numbers, nested objects, rare escapes) is left to the decoder, which also judges what is no JSON at all.
struct FlatObject {
    /// With more, looking for one would take too long.
    private static let maximumFields = 16

    private var fields: [(key: String, value: String)] = []

    /// - Returns: nil for anything but `{"key":"value",…}` without space between, keys given once, not many of them.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        guard rest.popFirst() == UInt8(ascii: "{") else { return nil }
        while true {
            guard let key = Self.string(&rest), rest.popFirst() == UInt8(ascii: ":"), let value = Self.string(&rest),
                self[key] == nil, fields.count < Self.maximumFields
            else { return nil }
            fields.append((key, value))
            switch rest.popFirst() {
            case UInt8(ascii: ","): continue
            case UInt8(ascii: "}"): if rest.isEmpty { return } else { return nil }
            default: return nil
            }
        }
    }

    subscript(key: String) -> String? { fields.first { $0.key == key }?.value }

    /// Takes a string with its quotes off the front.
    private static func string(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        guard let end = rest.firstIndex(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") || $0 < 0x20 })
        else { return nil }
        if rest[end] == UInt8(ascii: "\"") {
            defer { rest = rest[(end + 1)...] }
            return String(validating: rest[..<end], as: UTF8.self)
        }
        var text = Array(rest[..<end])
        rest = rest[end...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let character = rest.popFirst(), let meaning = meaning(ofEscaped: character) else { return nil }
                text.append(meaning)
            case 0..<0x20: return nil
            default: text.append(byte)
            }
        }
        return nil
    }

    /// Nil for what is rare.
    private static func meaning(ofEscaped character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): character
        case UInt8(ascii: "n"): UInt8(ascii: "\n")
        case UInt8(ascii: "r"): UInt8(ascii: "\r")
        case UInt8(ascii: "t"): UInt8(ascii: "\t")
        default: nil
        }
    }
}
