/// A value as it stands in the file or in the environment, before anyone knows what it should be.
enum ConfigurationValue: Equatable, CustomStringConvertible {
    case string(String)
    case integer(Int)
    /// From the environment, where everything is text.
    case environment(String)
    /// Any other JSON, by the name of its kind.
    case other(String)

    var text: String? {
        switch self {
        case .string(let text), .environment(let text): text
        case .integer, .other: nil
        }
    }

    var integer: Int? {
        switch self {
        case .integer(let number): number
        case .environment(let text): Int(text)
        case .string, .other: nil
        }
    }

    var description: String {
        switch self {
        case .string(let text), .environment(let text): "\"\(text)\""
        case .integer(let number): String(number)
        case .other(let kind): kind
        }
    }
}

extension ConfigurationValue: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let flag = try? container.decode(Bool.self) {
            self = .other(flag ? "true" : "false")
        } else if let number = try? container.decode(Int.self) {
            self = .integer(number)
        } else if let number = try? container.decode(Double.self) {
            self = .other(String(number))
        } else {
            self = .other(container.decodeNil() ? "null" : "a list or an object")
        }
    }
}
