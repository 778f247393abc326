/// Writes one JSON object, fields in the order they are added, as UTF-8.
///
/// The order of the fields is part of what the classic dialect's clients were used to see, and `JSONEncoder` promises
/// none; and every message passes here once per dialect, so there is no reflection and no intermediate tree.
public struct JSONObjectWriter: ~Copyable {
    private var bytes: [UInt8]
    private var isEmpty = true

    /// - Parameter capacity: an estimate of the final size in bytes.
    public init(capacity: Int = 192) {
        bytes = []
        bytes.reserveCapacity(capacity)
        bytes.append(UInt8(ascii: "{"))
    }

    /// Adds `"key":"value"`. `key` is one of ours and is written as it is; `value` is escaped.
    public mutating func add(_ key: StaticString, _ value: String) {
        addKey(key)
        appendQuoted(value)
    }

    /// Adds `"key":value`.
    public mutating func add(_ key: StaticString, _ value: some FixedWidthInteger) {
        addKey(key)
        bytes.append(contentsOf: String(value).utf8)
    }

    /// Adds `"key":value`, or `null` for what is no finite number: JSON has no others.
    public mutating func add(_ key: StaticString, _ value: Double) {
        addKey(key)
        let isWhole = value == value.rounded() && abs(value) < 1e15
        let text = isWhole ? String(Int64(value)) : value.isFinite ? String(value) : "null"
        bytes.append(contentsOf: text.utf8)
    }

    /// Adds `"key":true` or `"key":false`.
    public mutating func add(_ key: StaticString, _ value: Bool) {
        addKey(key)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    public mutating func add(_ key: StaticString, ifPresent value: String?) {
        if let value { add(key, value) }
    }

    public mutating func add(_ key: StaticString, ifPresent value: (some FixedWidthInteger)?) {
        if let value { add(key, value) }
    }

    /// Adds `"key":["value",…]`.
    public mutating func add(_ key: StaticString, _ values: [String]) {
        addKey(key)
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            appendQuoted(value)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Adds `"key":[{…},…]`; `write` fills one object.
    public mutating func add<Value>(
        _ key: StaticString, _ values: [Value], _ write: (inout JSONObjectWriter, Value) -> Void
    ) {
        addKey(key)
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            appendObject { write(&$0, value) }
        }
        bytes.append(UInt8(ascii: "]"))
        isEmpty = false
    }

    /// Adds `"key":{…}`; `write` fills the object.
    public mutating func addObject(_ key: StaticString, _ write: (inout JSONObjectWriter) -> Void) {
        addKey(key)
        appendObject(write)
        isEmpty = false
    }

    private mutating func appendObject(_ write: (inout JSONObjectWriter) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        isEmpty = true
        write(&self)
        bytes.append(UInt8(ascii: "}"))
    }

    /// Adds a field whose name is not known when the program is written.
    public mutating func add(dynamicKey key: String, _ value: String) {
        separate()
        appendQuoted(key)
        bytes.append(UInt8(ascii: ":"))
        appendQuoted(value)
    }

    /// Adds the field only where it says something: the classic dialect leaves empty fields out.
    public mutating func addUnlessEmpty(_ key: StaticString, _ value: String) {
        if !value.isEmpty { add(key, value) }
    }

    /// Closes the object and gives its bytes.
    public consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private mutating func separate() {
        if !isEmpty { bytes.append(UInt8(ascii: ",")) }
        isEmpty = false
    }

    private mutating func addKey(_ key: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        key.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func appendQuoted(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        appendEscaped(value)
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ value: String) {
        var value = value
        value.withUTF8 { utf8 in
            var clean = utf8.startIndex  // everything before `index` and after `clean` needs no escape
            for index in utf8.indices where Self.needsEscape(utf8[index]) {
                bytes.append(contentsOf: utf8[clean..<index])
                appendEscape(of: utf8[index])
                clean = index + 1
            }
            bytes.append(contentsOf: utf8[clean...])
        }
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func appendEscape(of byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): bytes.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): bytes.append(UInt8(ascii: "t"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        default:  // RFC 8259 §7: the remaining control characters, all below U+0020
            let hex = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(hex[Int(byte >> 4)])
            bytes.append(hex[Int(byte & 0xF)])
        }
    }
}
