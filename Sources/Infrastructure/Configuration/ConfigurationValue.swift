import Wire

/// A value as it is in the file or in the environment, before its type is known.
enum ConfigurationValue: Equatable, CustomStringConvertible {
    case string(String)
    case number(JSONNumber)
    case flag(Bool)
    /// From the environment, where everything is text.
    case environment(String)
    /// A list of texts.
    case list([String])
    /// Any other JSON, by the name of its kind.
    case other(String)

    var text: String? {
        switch self {
        case .string(let text), .environment(let text): text
        case .number, .flag, .list, .other: nil
        }
    }

    /// The parts of a list, with commas between them, as whoever writes no JSON writes them.
    var listText: String? {
        if case .list(let texts) = self { texts.joined(separator: ",") } else { text }
    }

    /// A list of texts, or one text with commas between them; none of them is empty.
    var texts: [String]? {
        if case .list(let texts) = self { return texts.contains("") ? nil : texts }
        guard let text else { return nil }
        if text.isEmpty { return [] }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        return parts.contains("") ? nil : parts
    }

    var flag: Bool? {
        switch self {
        case .flag(let flag): flag
        case .environment("true"): true
        case .environment("false"): false
        case .string, .number, .list, .other, .environment: nil
        }
    }

    var integer: Int? {
        switch self {
        case .number(let number): number.whole()
        case .environment(let text): Int(text)
        case .string, .flag, .list, .other: nil
        }
    }

    var description: String {
        switch self {
        // A control character, which may be what is wrong, is shown and not sent to the terminal.
        case .string(let text), .environment(let text): text.debugDescription
        case .number(let number): number.description
        case .flag(let flag): flag ? "true" : "false"
        case .list(let texts): "[" + texts.map(\.debugDescription).joined(separator: ", ") + "]"
        case .other(let kind): kind
        }
    }
}

extension ConfigurationValue {
    init(_ value: JSONObject.Value) {
        self =
            switch value {
            case .text(let text): .string(text)
            case .number(let number): .number(number)
            case .flag(let flag): .flag(flag)
            case .null: .other("null")
            case .array(let values): Self(values)
            case .object, .nested: .other("a list or an object")
            }
    }

    private init(_ values: [JSONObject.Value]) {
        let texts = values.compactMap { if case .text(let text) = $0 { text } else { nil } }
        self = texts.count == values.count ? .list(texts) : .other("a list or an object")
    }
}
