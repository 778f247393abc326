import Wire

/// Any JSON value, for settings that are sent back unchanged except for a few fields.
enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// A field of an object; nil where there is none.
    subscript(key: String) -> JSONValue? {
        if case .object(let fields) = self { fields[key] } else { nil }
    }

    var text: String? { if case .string(let text) = self { text } else { nil } }
    var integer: Int64? { if case .integer(let number) = self { number } else { nil } }

    /// The object with some fields replaced or added.
    func merging(_ changes: [String: JSONValue]) -> JSONValue {
        guard case .object(let fields) = self else { return self }
        return .object(fields.merging(changes) { $1 })
    }
}

extension JSONValue {
    init(_ object: JSONObject) {
        // If a field occurs twice, the first one counts.
        self = .object(
            Dictionary(object.fields.map { ($0.key, JSONValue($0.value)) }, uniquingKeysWith: { first, _ in first }))
    }

    private init(_ value: JSONObject.Value) {
        switch value {
        case .text(let text): self = .string(text)
        case .number(let number):
            self = number.whole(as: Int64.self).map(JSONValue.integer) ?? .double(Double(number.description) ?? 0)
        case .flag(let flag): self = .bool(flag)
        case .null, .nested: self = .null
        case .array(let values): self = .array(values.map { JSONValue($0) })
        case .object(let object): self = JSONValue(object)
        }
    }
}

extension JSONValue: Encodable {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
