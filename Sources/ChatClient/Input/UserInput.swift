/// What a line that the user entered asks for.
enum UserInput: Equatable, Sendable {
    /// Nothing but whitespace.
    case nothing
    case say(String)
    case join(room: String)
    case leave
    /// All users, or those of `room`.
    case users(room: String?)
    case rooms
    case help
    case quit
    /// No such command, or used wrongly; the sentence says how it is meant.
    case mistake(String)
}

extension UserInput {
    /// The commands, as `/help` lists them.
    static let commands: [(usage: String, meaning: String)] = [
        ("/join <room>", "enter a room, leaving the one you are in"),
        ("/leave", "go back to the room global"),
        ("/users", "list everyone who is online"),
        ("/users <room>", "list who is in a room"),
        ("/rooms", "list the rooms"),
        ("/help", "show this list"),
        ("/quit", "end (Ctrl-C and Ctrl-D do, too)"),
        ("//text", "say something that begins with a slash"),
    ]

    private static let names = ["/help", "/join", "/leave", "/users", "/rooms", "/quit"]

    /// Reads one line, without its line break.
    init(line: String) {
        if line.allSatisfy(\.isWhitespace) {
            self = .nothing
        } else if line.hasPrefix("//") {
            self = .say(String(line.dropFirst()))
        } else if line.hasPrefix("/") {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            self = Self.command(words[0].lowercased(), arguments: Array(words.dropFirst()))
        } else {
            self = .say(line)
        }
    }

    private static func command(_ name: String, arguments: [String]) -> UserInput {
        switch (name, arguments.count) {
        case ("/join", 0): .mistake("Which room? For example: /join dev")
        case ("/join", 1), ("/users", 1): inRoom(arguments[0], name == "/join")
        case ("/join", _), ("/users", 2...):
            .mistake(
                "Room names have no spaces: \(name) takes one name, for example \(name) \(suggestedRoom(arguments))")
        case ("/users", _): .users(room: nil)
        case ("/leave", 0): .leave
        case ("/rooms", 0): .rooms
        case ("/help", _): .help
        case ("/quit", _): .quit
        case ("/leave", _): .mistake("/leave takes no room: it goes back to global. To enter a room: /join <room>")
        case ("/rooms", _): .mistake("/rooms takes nothing after it.")
        default: unknown(name)
        }
    }

    private static func inRoom(_ room: String, _ isJoin: Bool) -> UserInput {
        if let problem = NameRule.room.problem(with: room) { return .mistake(problem) }
        return isJoin ? .join(room: room) : .users(room: room)
    }

    private static func suggestedRoom(_ words: [String]) -> String {
        SafeText.name(String(words.joined(separator: "-").prefix(64)))
    }

    private static func unknown(_ name: String) -> UserInput {
        let shown = SafeText.name(String(name.prefix(32)))
        if let nearest = Suggestion.nearest(to: name, among: names) {
            return .mistake("There is no command \(shown). Did you mean \(nearest)?")
        }
        return .mistake(
            "There is no command \(shown); /help lists them. To say something that begins with /, write //.")
    }
}
