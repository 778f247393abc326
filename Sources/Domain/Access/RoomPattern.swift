/// Names one room, or all rooms whose names begin with the same text: `dev`, `team-*`, `*`.
///
/// The `*` stands at the end or alone. It stands for any text, also for none.
public struct RoomPattern: Hashable, Sendable, CustomStringConvertible {
    private enum Form: Hashable {
        case name(RoomName)
        /// In Unicode's form C, as names of rooms are; empty for `*` alone.
        case prefix(ExactText)
    }

    private let form: Form

    /// Reads a pattern as a token has it.
    ///
    /// - Throws: ``RoomPatternError`` where a `*` stands elsewhere than at the end, or where what stands before it could not
    ///   stand at the beginning of a room's name.
    public init(_ text: String) throws(RoomPatternError) {
        let bytes = text.utf8
        guard let star = bytes.firstIndex(of: UInt8(ascii: "*")) else {
            form = .name(try Self.name(text))
            return
        }
        guard bytes.index(after: star) == bytes.endIndex else { throw .starInside }
        let prefix = String(Substring(bytes[..<star]))
        form = .prefix(ExactText(prefix.isEmpty ? "" : try Self.name(prefix).text))
    }

    private static func name(_ text: String) throws(RoomPatternError) -> RoomName {
        do throws(NameError) {
            return try RoomName(text)
        } catch {
            throw .name(error)
        }
    }

    /// How closely the pattern describes a room: the length of the prefix in bytes, more than any prefix where the pattern
    /// is the room's name; nil where the pattern does not match.
    func closeness(to room: RoomName) -> Int? {
        switch form {
        case .name(let name): name == room ? Int.max : nil
        case .prefix(let prefix): room.text.utf8.starts(with: prefix.text.utf8) ? prefix.text.utf8.count : nil
        }
    }

    /// Whether it names all rooms that begin alike, and not one.
    public var isPrefix: Bool {
        switch form {
        case .name: false
        case .prefix: true
        }
    }

    /// Whether the room is one of those that the pattern names.
    public func matches(_ room: RoomName) -> Bool { closeness(to: room) != nil }

    /// The text with which the names of all rooms of the pattern begin; the name itself where it is one room.
    public var beginning: String {
        switch form {
        case .name(let name): name.text
        case .prefix(let prefix): prefix.text
        }
    }

    /// The pattern as a token has it.
    public var description: String {
        switch form {
        case .name(let name): name.text
        case .prefix(let prefix): prefix.text + "*"
        }
    }
}

/// Why a text is no pattern.
public enum RoomPatternError: Error, Equatable, Sendable, CustomStringConvertible {
    case starInside
    case name(NameError)

    /// The rule as the end of a sentence that begins with what was named: “a pattern of rooms …”.
    public var description: String {
        switch self {
        case .starInside: "may have a * only at its end"
        case .name(let rule): rule.description
        }
    }
}
