import Foundation

/// Keys and values of a server's configuration file, in which a test may also put what is wrong.
typealias Settings = [String: SettingValue]

enum SettingValue: Sendable, Encodable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    case text(String)
    case number(Int)
    case flag(Bool)

    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .number(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        }
    }
}

extension Settings {
    /// What most tests want: no rate limit in the way of a burst, and leases and drains short enough to wait for.
    static let forTests: Settings = [
        "host": "127.0.0.1", "rate_limit_messages": 0, "lease_seconds": 2, "drain_seconds": 2, "log_format": "text",
    ]

    func with(_ other: Settings) -> Settings { merging(other) { $1 } }

    /// Writes them as a configuration file and gives its path.
    func write(to directory: URL) throws -> URL {
        let file = directory.appendingPathComponent("config.json")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: file)
        return file
    }
}
