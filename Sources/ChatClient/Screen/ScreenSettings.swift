/// The user's choices with `/set`, kept from one run to the next.
struct ScreenSettings: Equatable, Sendable {
    enum Notices: String, CaseIterable, Sendable {
        /// One line for each notice.
        case on
        /// Successive notices share a line.
        case merged
        case off
    }

    enum Bell: String, CaseIterable, Sendable {
        case off
        /// For mentions and private messages.
        case mentions
        case all
    }

    enum List: String, CaseIterable, Sendable {
        /// If there is more than one window, and enough room.
        case auto
        case on
        case off
    }

    var notices = Notices.merged
    var bell = Bell.mentions
    var list = List.auto

    static let help = """
        notices on|merged|off: comings and goings. bell off|mentions|all: rung only while you look at another window, where \
        the terminal tells. list auto|on|off: the list of windows.
        """

    static let names = ["notices", "bell", "list"]

    /// The values of a setting; empty if there is no such setting.
    static func values(of name: String) -> [String] {
        switch name {
        case "notices": Notices.allCases.map(\.rawValue)
        case "bell": Bell.allCases.map(\.rawValue)
        case "list": List.allCases.map(\.rawValue)
        default: []
        }
    }

    subscript(name: String) -> String? {
        switch name {
        case "notices": notices.rawValue
        case "bell": bell.rawValue
        case "list": list.rawValue
        default: nil
        }
    }

    /// - Returns: false if there is no such setting or value.
    mutating func set(_ name: String, to value: String) -> Bool {
        switch name {
        case "notices":
            guard let choice = Notices(rawValue: value) else { return false }
            notices = choice
        case "bell":
            guard let choice = Bell(rawValue: value) else { return false }
            bell = choice
        case "list":
            guard let choice = List(rawValue: value) else { return false }
            list = choice
        default: return false
        }
        return true
    }

    /// Lines of `name value`, the form of the settings file.
    var text: String { Self.names.map { "\($0) \(self[$0] ?? "")\n" }.joined() }

    /// Reads such lines, and ignores those that it does not understand.
    init(text: String = "") {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            if words.count == 2 { _ = set(String(words[0]), to: String(words[1])) }
        }
    }
}
