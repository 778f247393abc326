/// What a line that the user entered asks for.
enum UserInput: Equatable, Sendable {
    /// Nothing but whitespace.
    case nothing
    case say(String)
    /// For nobody but one user.
    case tell(String, to: String)
    case join(room: String)
    case leave
    /// All users, or those of `room`; only those after a name.
    case users(room: String?, after: String? = nil)
    /// Only those after a name, if one is given.
    case rooms(after: String? = nil)
    /// So many messages older than those shown.
    case history(Int)
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
        ("/msg <user> <text>", "say something to one user only"),
        ("/history [n]", "show n older messages of the room, 50 where n is missing"),
        ("/users", "list everyone who is online"),
        ("/users <room>", "list who is in a room"),
        ("/rooms", "list the rooms"),
        ("/rooms after <name>", "go on with a long list; /users likewise"),
        ("/help", "show this list"),
        ("/quit", "end (Ctrl-C and Ctrl-D do, too)"),
        ("//text", "say something that begins with a slash"),
    ]

    private static let names = ["/help", "/join", "/leave", "/msg", "/history", "/users", "/rooms", "/quit"]

    /// Reads one line, without its line break.
    init(line: String) {
        if line.allSatisfy(\.isWhitespace) {
            self = .nothing
        } else if line.hasPrefix("//") {
            self = .say(String(line.dropFirst()))
        } else if line.hasPrefix("/") {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            let name = words[0].lowercased()
            self = name == "/msg" ? Self.tell(line) : Self.command(name, arguments: Array(words.dropFirst()))
        } else {
            self = .say(line)
        }
    }

    private static func command(_ name: String, arguments: [String]) -> UserInput {
        switch (name, arguments.count) {
        case ("/join", 0): .mistake("Which room? For example: /join dev")
        case ("/join", 1): inRoom(arguments[0]) { .join(room: $0) }
        case ("/users", 0): .users(room: nil)
        case ("/users", 1): inRoom(arguments[0]) { .users(room: $0) }
        case ("/users", 2) where arguments[0] == "after": .users(room: nil, after: arguments[1])
        case ("/users", 3) where arguments[1] == "after": inRoom(arguments[0]) { .users(room: $0, after: arguments[2]) }
        case ("/join", _), ("/users", _):
            .mistake(
                "Room names have no spaces: \(name) takes one name, for example \(name) \(suggestedRoom(arguments))")
        case ("/history", 0): .history(50)
        case ("/history", 1): history(arguments[0])
        case ("/history", _): .mistake("/history takes one number, for example /history 20")
        case ("/leave", 0): .leave
        case ("/rooms", 0): .rooms()
        case ("/rooms", 2) where arguments[0] == "after": .rooms(after: arguments[1])
        case ("/help", _): .help
        case ("/quit", _): .quit
        case ("/leave", _): .mistake("/leave takes no room: it goes back to global. To enter a room: /join <room>")
        case ("/rooms", _): .mistake("/rooms takes nothing, or a room to go on after: /rooms after dev")
        default: unknown(name)
        }
    }

    /// Everything after the name is the text, with its spaces.
    private static func tell(_ line: String) -> UserInput {
        let parts = line.split(maxSplits: 2, whereSeparator: \.isWhitespace)
        guard parts.count == 3 else { return .mistake("To whom, and what? For example: /msg bob hello") }
        let user = String(parts[1])
        if let problem = NameRule.username.problem(with: user) { return .mistake(problem) }
        let text = parts[2].drop(while: \.isWhitespace)
        return text.isEmpty
            ? .mistake("What is it? For example: /msg \(SafeText.name(user)) hello") : .tell(String(text), to: user)
    }

    private static func history(_ number: String) -> UserInput {
        guard let count = Int(number), (1...100).contains(count) else {
            return .mistake("/history takes a number from 1 to 100, for example /history 20")
        }
        return .history(count)
    }

    private static func inRoom(_ room: String, _ input: (String) -> UserInput) -> UserInput {
        NameRule.room.problem(with: room).map { .mistake($0) } ?? input(room)
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
