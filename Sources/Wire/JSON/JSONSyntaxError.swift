/// Why bytes are no JSON object, and where.
public struct JSONSyntaxError: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable, CaseIterable {
        case notAnObject
        case endsTooEarly
        case expectedKey
        case expectedColon
        case expectedValue
        case expectedCommaOrEnd
        case trailingComma
        case leadingZero
        case badNumber
        case badEscape
        case halfSurrogatePair
        case controlCharacter
        case notUTF8
        case tooDeep
        case somethingFollows
    }

    public let reason: Reason
    /// How many bytes stand before the mistake.
    public let offset: Int

    /// What is wrong and where, for whoever wrote it: `line 2, column 14: …`. Columns are counted in Unicode scalars.
    ///
    /// - Parameter json: what was read.
    public func words(in json: some Collection<UInt8>) -> String {
        var line = 1
        var column = 1
        var previous: UInt8 = 0
        for byte in json.prefix(offset) {
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if byte == UInt8(ascii: "\r") || previous != UInt8(ascii: "\r") { line += 1 }
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
            previous = byte
        }
        return "line \(line), column \(column): \(reason)"
    }
}

extension JSONSyntaxError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAnObject: "an object is expected, which begins with {"
        case .endsTooEarly: "it ends too early"
        case .expectedKey: "a name in double quotes is expected"
        case .expectedColon: "a colon is expected"
        case .expectedValue:
            "a value is expected: a text in double quotes, a number, true, false, null, a list or an object"
        case .expectedCommaOrEnd: "a comma or a closing bracket is expected"
        case .trailingComma: "a comma must not stand before a closing bracket"
        case .leadingZero: "a number must not begin with a zero"
        case .badNumber: "a digit is expected"
        case .badEscape: "a backslash must be followed by one of \" \\ / b f n r t, or by u and four hexadecimal digits"
        case .halfSurrogatePair: "half a surrogate pair is no character"
        case .controlCharacter: "a control character in a text must be escaped"
        case .notUTF8: "a text is not valid UTF-8"
        case .tooDeep: "it is nested too deep"
        case .somethingFollows: "something follows the object"
        }
    }
}
