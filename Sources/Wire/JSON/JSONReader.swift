/// Goes through the bytes of one JSON text, once, and stops at the first that RFC 8259 does not allow there.
///
/// Used while the bytes are held; ``JSONObject`` is what others see of it. It recurses once per level of nesting, of which
/// there are at most ``JSONObject/maximumDepth``.
struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let keepsNested: Bool
    private var position = 0
    private var depth = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, keepingNested: Bool) {
        self.bytes = bytes
        keepsNested = keepingNested
    }

    /// The object that is the whole text, with nothing but space around it.
    mutating func document() throws(JSONSyntaxError) -> [JSONObject.Field] {
        skipSpace()
        guard position < bytes.count else { throw error(.endsTooEarly) }
        guard bytes[position] == UInt8(ascii: "{") else { throw error(.notAnObject) }
        let fields = try object(keepsFields: true)
        skipSpace()
        guard position == bytes.count else { throw error(.somethingFollows) }
        return fields
    }

    // MARK: Structure

    /// At its opening bracket.
    private mutating func object(keepsFields: Bool) throws(JSONSyntaxError) -> [JSONObject.Field] {
        try enter()
        defer { depth -= 1 }
        var fields: [JSONObject.Field] = []
        if skips(UInt8(ascii: "}")) { return fields }
        if keepsFields { fields.reserveCapacity(8) }
        while true {
            skipSpace()
            guard position < bytes.count else { throw error(.endsTooEarly) }
            guard bytes[position] == UInt8(ascii: "\"") else { throw error(.expectedKey) }
            let key = try text()
            guard skips(UInt8(ascii: ":")) else { throw error(.expectedColon) }
            let value = try value()
            if keepsFields { fields.append((key, value)) }
            if try isAtEnd(UInt8(ascii: "}")) { return fields }
        }
    }

    /// At its opening bracket.
    private mutating func array() throws(JSONSyntaxError) -> [JSONObject.Value] {
        try enter()
        defer { depth -= 1 }
        var values: [JSONObject.Value] = []
        if skips(UInt8(ascii: "]")) { return values }
        while true {
            let value = try value()
            if keepsNested { values.append(value) }
            if try isAtEnd(UInt8(ascii: "]")) { return values }
        }
    }

    private mutating func enter() throws(JSONSyntaxError) {
        guard depth < JSONObject.maximumDepth else { throw error(.tooDeep) }
        depth += 1
        position += 1
    }

    /// Behind a value: whether what it stands in ends here. If not, another follows.
    private mutating func isAtEnd(_ bracket: UInt8) throws(JSONSyntaxError) -> Bool {
        skipSpace()
        guard position < bytes.count else { throw error(.endsTooEarly) }
        switch bytes[position] {
        case bracket:
            position += 1
            return true
        case UInt8(ascii: ","):
            let comma = position
            position += 1
            skipSpace()
            if position < bytes.count, bytes[position] == bracket { throw error(.trailingComma, at: comma) }
            return false
        default: throw error(.expectedCommaOrEnd)
        }
    }

    private mutating func value() throws(JSONSyntaxError) -> JSONObject.Value {
        skipSpace()
        guard position < bytes.count else { throw error(.endsTooEarly) }
        switch bytes[position] {
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try literal("true", .flag(true))
        case UInt8(ascii: "f"): return try literal("false", .flag(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "{"):
            let fields = try object(keepsFields: keepsNested)
            return keepsNested ? .object(JSONObject(fields: fields)) : .nested
        case UInt8(ascii: "["):
            let values = try array()
            return keepsNested ? .array(values) : .nested
        default: throw error(.expectedValue)
        }
    }

    private mutating func literal(
        _ word: StaticString, _ value: JSONObject.Value
    ) throws(JSONSyntaxError) -> JSONObject.Value {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count,
            word.withUTF8Buffer({ UnsafeBufferPointer(rebasing: bytes[position..<end]).elementsEqual($0) })
        else { throw error(.expectedValue) }
        position = end
        return value
    }

    // MARK: Numbers

    private mutating func number() throws(JSONSyntaxError) -> JSONNumber {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let whole = position
        try digits()
        if bytes[whole] == UInt8(ascii: "0"), position > whole + 1 { throw error(.leadingZero, at: whole) }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits()
        }
        return JSONNumber(String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self))
    }

    /// One digit at least.
    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while position < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[position] { position += 1 }
        guard position > start else { throw error(position < bytes.count ? .badNumber : .endsTooEarly) }
    }

    // MARK: Texts

    /// At its opening quote.
    private mutating func text() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        skipPlain()
        guard position < bytes.count else { throw error(.endsTooEarly) }
        guard bytes[position] == UInt8(ascii: "\"") else { return try escapedText(from: start) }
        let text = String(wellFormed: UnsafeBufferPointer(rebasing: bytes[start..<position]))
        guard let text else { throw error(.notUTF8, at: start) }
        position += 1
        return text
    }

    /// The same, with something else than a plain character at `position`.
    private mutating func escapedText(from start: Int) throws(JSONSyntaxError) -> String {
        var utf8 = Array(bytes[start..<position])
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                guard let text = utf8.withUnsafeBufferPointer({ String(wellFormed: $0) }) else {
                    throw error(.notUTF8, at: start)
                }
                position += 1
                return text
            case UInt8(ascii: "\\"): try appendEscaped(to: &utf8)
            case 0..<0x20: throw error(.controlCharacter)
            default:
                let plain = position
                skipPlain()
                utf8.append(contentsOf: bytes[plain..<position])
            }
        }
        throw error(.endsTooEarly)
    }

    /// Moves to the next quote, backslash or control character, or to the end.
    private mutating func skipPlain() {
        if let base = UnsafeRawPointer(bytes.baseAddress) {
            // Eight bytes at a time. Where a byte is found, those above it may be found by mistake (a subtraction borrows
            // from them), and never one below it.
            let ones: UInt64 = 0x0101_0101_0101_0101
            while position + 8 <= bytes.count {
                let word = UInt64(littleEndian: (base + position).loadUnaligned(as: UInt64.self))
                let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
                let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
                let found =
                    ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word)
                    & (ones &* 0x80)
                guard found == 0 else {
                    position += found.trailingZeroBitCount >> 3
                    return
                }
                position += 8
            }
        }
        while position < bytes.count {
            let byte = bytes[position]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            position += 1
        }
    }

    /// At a backslash.
    private mutating func appendEscaped(to utf8: inout [UInt8]) throws(JSONSyntaxError) {
        let backslash = position
        guard position + 1 < bytes.count else { throw error(.endsTooEarly, at: bytes.count) }
        let character = bytes[position + 1]
        position += 2
        switch character {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): utf8.append(character)
        case UInt8(ascii: "b"): utf8.append(0x08)
        case UInt8(ascii: "f"): utf8.append(0x0C)
        case UInt8(ascii: "n"): utf8.append(0x0A)
        case UInt8(ascii: "r"): utf8.append(0x0D)
        case UInt8(ascii: "t"): utf8.append(0x09)
        case UInt8(ascii: "u"):
            let unit = try codeUnit(of: backslash)
            try append(unit, to: &utf8, at: backslash)
        default: throw error(.badEscape, at: backslash)
        }
    }

    private mutating func append(
        _ unit: UInt16, to utf8: inout [UInt8], at escape: Int
    ) throws(JSONSyntaxError) {
        let scalar = if let scalar = Unicode.Scalar(unit) { scalar } else { try pair(from: unit, at: escape) }
        // There is an encoding for every scalar.
        if let encoded = UTF8.encode(scalar) { utf8.append(contentsOf: encoded) }
    }

    /// The second half of a surrogate pair must follow, as an escape too.
    private mutating func pair(from high: UInt16, at start: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
        guard UTF16.isLeadSurrogate(high), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw error(.halfSurrogatePair, at: start) }
        position += 2
        let low = try codeUnit(of: position - 2)
        let value = 0x10000 + ((UInt32(high) & 0x3FF) << 10 | UInt32(low) & 0x3FF)
        guard UTF16.isTrailSurrogate(low), let scalar = Unicode.Scalar(value) else {
            throw error(.halfSurrogatePair, at: start)
        }
        return scalar
    }

    /// Behind `\u`, which began at `escape`.
    private mutating func codeUnit(of escape: Int) throws(JSONSyntaxError) -> UInt16 {
        guard position + 4 <= bytes.count else { throw error(.badEscape, at: escape) }
        var unit: UInt16 = 0
        for byte in bytes[position..<position + 4] {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw error(.badEscape, at: escape)
            }
            unit = unit << 4 | UInt16(digit)
        }
        position += 4
        return unit
    }

    // MARK: Bytes

    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] <= 0x20 {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    /// Whether this byte comes next, behind any space; if so it is taken.
    private mutating func skips(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func error(_ reason: JSONSyntaxError.Reason, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(reason: reason, offset: offset ?? position)
    }
}
