/// Reads a JSON object of strings alone, as messages are on the wire and in the log, without Foundation's decoder.
///
/// Every message is read once from its sender, and once from the log by each instance: this takes a tenth of the decoder's
/// 8 µs. What is not as plain (nested objects, rare escapes) is left to the decoder, which also judges what is no JSON at
/// all; numbers and truth values as well, except for who asks for them.
public struct FlatObject {
    /// With more, looking for one would take too long.
    private static let maximumFields = 16

    private enum Value {
        case text(String)
        case count(Int)
        case flag(Bool)
    }

    private var fields: [(key: String, value: Value)] = []

    /// - Parameter withLiterals: whether values may be counts, of at most 18 digits, and truth values as well.
    /// - Returns: nil for anything but `{"key":"value",…}` without space between, keys given once, not many of them.
    public init?(_ json: some Collection<UInt8>, withLiterals: Bool = false) {
        let isFlat =
            json.withContiguousStorageIfAvailable { read($0, withLiterals) }
            ?? Array(json).withUnsafeBufferPointer { read($0, withLiterals) }
        guard isFlat else { return nil }
    }

    /// Nil also for what is no text.
    public subscript(key: String) -> String? { if case .text(let text) = value(of: key) { text } else { nil } }

    public func count(_ key: String) -> Int? { if case .count(let count) = value(of: key) { count } else { nil } }

    public func flag(_ key: String) -> Bool? { if case .flag(let flag) = value(of: key) { flag } else { nil } }

    public func contains(_ key: String) -> Bool { value(of: key) != nil }

    public var keys: some Collection<String> { fields.lazy.map(\.key) }

    private func value(of key: String) -> Value? { fields.first { $0.key == key }?.value }

    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, _ withLiterals: Bool) -> Bool {
        var reader = Reader(bytes: bytes)
        guard reader.next() == UInt8(ascii: "{") else { return false }
        fields.reserveCapacity(8)
        while true {
            guard let key = reader.string(), reader.next() == UInt8(ascii: ":"),
                let value = reader.string().map(Value.text) ?? (withLiterals ? reader.literal() : nil),
                self.value(of: key) == nil, fields.count < Self.maximumFields
            else { return false }
            fields.append((key, value))
            switch reader.next() {
            case UInt8(ascii: ","): continue
            case UInt8(ascii: "}"): return reader.isAtEnd
            default: return false
            }
        }
    }

    private struct Reader {
        let bytes: UnsafeBufferPointer<UInt8>
        private var position = 0

        init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

        var isAtEnd: Bool { position == bytes.count }

        mutating func next() -> UInt8? {
            guard position < bytes.count else { return nil }
            defer { position += 1 }
            return bytes[position]
        }

        /// Takes a count or a truth value.
        mutating func literal() -> Value? {
            let start = position
            while position < bytes.count, Self.isPartOfLiteral(bytes[position]) { position += 1 }
            let text = UnsafeBufferPointer(rebasing: bytes[start..<position])
            if text.elementsEqual("true".utf8) { return .flag(true) }
            if text.elementsEqual("false".utf8) { return .flag(false) }
            guard (1...18).contains(text.count), text.count == 1 || text.first != UInt8(ascii: "0") else { return nil }
            return Int(String(decoding: text, as: UTF8.self)).map(Value.count)
        }

        private static func isPartOfLiteral(_ byte: UInt8) -> Bool {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
        }

        /// Takes a string with its quotes; where there is none, nothing.
        mutating func string() -> String? {
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
            position += 1
            let start = position
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    defer { position += 1 }
                    return String(wellFormed: UnsafeBufferPointer(rebasing: bytes[start..<position]))
                case UInt8(ascii: "\\"):
                    return escapedString(from: start)
                case 0..<0x20:
                    return nil
                default:
                    position += 1
                }
            }
            return nil
        }

        /// The same, with an escape at `position`.
        private mutating func escapedString(from start: Int) -> String? {
            var text = Array(bytes[start..<position])
            while let byte = next() {
                switch byte {
                case UInt8(ascii: "\""): return text.withUnsafeBufferPointer { String(wellFormed: $0) }
                case UInt8(ascii: "\\"):
                    guard let character = next(), let meaning = Self.meaning(ofEscaped: character) else { return nil }
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
}
