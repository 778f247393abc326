/// The positions of the fields that the load generator needs in a JSON object. Texts are without their quotes, with
/// their escapes unchanged.
struct ObjectFields {
    var type: Range<Int>?
    var ref: Range<Int>?
    var content: Range<Int>?
    var code: Range<Int>?
    var seq: UInt64?
    /// The position of `seq`.
    var seqAt: Range<Int>?
    var retryAfterMilliseconds: UInt64?
}

/// Finds fields of a JSON object in any order, without decoding it. It is used for all infrequent frames; the frequent
/// ones go through `DeliveryScanner`.
///
/// It assumes that the bytes are JSON. Malformed bytes are skipped or are not an object, but it never reads beyond
/// their end.
struct ObjectScanner {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    /// - Returns: nil if `bytes` do not begin with an object, or the object does not end.
    static func fields(in bytes: UnsafeRawBufferPointer) -> ObjectFields? {
        var scanner = ObjectScanner(bytes: bytes)
        return scanner.object()
    }

    private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private mutating func object() -> ObjectFields? {
        var fields = ObjectFields()
        guard skipSpace() == UInt8(ascii: "{") else { return nil }
        place += 1
        if skipSpace() == UInt8(ascii: "}") { return fields }
        while true {
            guard skipSpace() == UInt8(ascii: "\""), let key = string(), skipSpace() == UInt8(ascii: ":") else {
                return nil
            }
            place += 1
            guard let first = skipSpace() else { return nil }
            if first == UInt8(ascii: "\"") {
                guard let value = string() else { return nil }
                keep(value, of: key, in: &fields)
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
                let start = place
                let value = wholeNumber()
                if isKey(key, "seq") {
                    fields.seq = value
                    fields.seqAt = start..<place
                }
                if isKey(key, "retry_after_ms") { fields.retryAfterMilliseconds = value }
            } else {
                guard skipValue() else { return nil }
            }
            switch skipSpace() {
            case UInt8(ascii: ","): place += 1
            case UInt8(ascii: "}"): return fields
            default: return nil
            }
        }
    }

    private func keep(_ value: Range<Int>, of key: Range<Int>, in fields: inout ObjectFields) {
        if isKey(key, "type") {
            fields.type = value
        } else if isKey(key, "ref") {
            fields.ref = value
        } else if isKey(key, "content") {
            fields.content = value
        } else if isKey(key, "code") {
            fields.code = value
        }
    }

    private func isKey(_ range: Range<Int>, _ name: StaticString) -> Bool { bytes.has(name, in: range) }

    private mutating func skipSpace() -> UInt8? {
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): place += 1
            case let byte: return byte
            }
        }
        return nil
    }

    /// From its opening quote on; afterwards the position is after the closing quote.
    private mutating func string() -> Range<Int>? {
        let start = place + 1
        place = start
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                defer { place += 1 }
                return start..<place
            case UInt8(ascii: "\\"): place += 2
            default: place += 1
            }
        }
        return nil
    }

    /// Nil for a fraction, an exponent, or a number that is too large.
    private mutating func wholeNumber() -> UInt64? {
        let start = place
        while place < bytes.count, !Self.endsValue(bytes[place]) { place += 1 }
        return bytes.number(in: start..<place)
    }

    private static func endsValue(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || byte <= 0x20
    }

    /// Skips a number, a literal, an array or an object, with any content.
    private mutating func skipValue() -> Bool {
        var depth = 0
        repeat {
            guard place < bytes.count else { return false }
            switch bytes[place] {
            case UInt8(ascii: "\""):
                guard string() != nil else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return true }
                depth -= 1
            case UInt8(ascii: ",") where depth == 0: return true
            default: break
            }
            place += 1
        } while depth > 0 || place < bytes.count && !Self.endsValue(bytes[place])
        return true
    }
}

extension UnsafeRawBufferPointer {
    func has(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount, let base = baseAddress else { return false }
        let start = UnsafeRawPointer(text.utf8Start)
        for place in 0..<range.count
        where base.load(fromByteOffset: range.lowerBound + place, as: UInt8.self)
            != start.load(fromByteOffset: place, as: UInt8.self)
        { return false }
        return true
    }

    /// Decimal digits and nothing else.
    func number(in range: Range<Int>) -> UInt64? {
        guard !range.isEmpty, range.count <= 19 else { return nil }
        var value: UInt64 = 0
        for place in range {
            let digit = self[place] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + UInt64(digit)
        }
        return value
    }

    func text(in range: Range<Int>) -> String { String(decoding: self[range], as: UTF8.self) }
}
