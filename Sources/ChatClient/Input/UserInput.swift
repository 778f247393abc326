/// The meaning of a line that the user entered.
enum UserInput: Equatable, Sendable {
    /// A line of whitespace only.
    case nothing
    case say(String)
    /// A private message.
    case tell(String, to: String)
    /// `stay`: whether to stay in the other rooms.
    case join(room: String, stay: Bool = false)
    case leave
    /// All users, or those of `room`; with `after`, only those after that name.
    case users(room: String?, after: String? = nil)
    /// With `after`, only the rooms after that name.
    case rooms(after: String? = nil)
    /// This many messages older than those shown.
    case history(Int)
    case help
    /// Help on one command, which is given with its slash.
    case helpOn(String)
    case reconnect
    case quit
    /// A command that only a client with windows has.
    case window(WindowCommand)
    /// An unknown command, or one that was used wrongly; the sentence says how to use it.
    case mistake(String)
}

/// A command about windows.
enum WindowCommand: Equatable, Sendable {
    /// Opens a private conversation, and says `text` in it.
    case query(user: String, text: String?)
    case clear
    /// `nil`: searches for the same words again.
    case search(String?)
    case set(name: String?, value: String?)
    case resend
}

extension UserInput {
    /// The commands of a client without windows, as `/help` lists them.
    static var commands: [(usage: String, meaning: String)] {
        Command.all.filter { !$0.needsWindows }.flatMap(\.usages)
    }

    /// Reads one line, without its line break.
    init(line: String) {
        if line.allSatisfy(\.isWhitespace) {
            self = .nothing
        } else if line.hasPrefix("//") {
            self = .say(String(line.dropFirst()))
        } else if line.hasPrefix("/") {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            let name = words[0].lowercased()
            switch name {
            case "/msg": self = Self.tell(line)
            case "/query": self = Self.query(line)
            case "/me":
                let text = Self.rest(of: line)
                self = text.isEmpty ? .mistake("What do you do? For example: /me waves") : .say("/me " + text)
            case "/search":
                let text = Self.rest(of: line)
                self = .window(.search(text.isEmpty ? nil : text))
            default: self = Self.command(name, arguments: Array(words.dropFirst()))
            }
        } else {
            self = .say(line)
        }
    }

    private static func command(_ name: String, arguments: [String]) -> UserInput {
        switch (name, arguments.count) {
        case ("/join", 0): .mistake("Which room? For example: /join dev")
        case ("/join", 1) where arguments[0].hasPrefix("+") && arguments[0].count > 1:
            inRoom(String(arguments[0].dropFirst())) { .join(room: $0, stay: true) }
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
        case ("/help", 0): .help
        case ("/help", _): help(on: arguments[0])
        case ("/reconnect", _): .reconnect
        case ("/clear", _): .window(.clear)
        case ("/resend", _): .window(.resend)
        case ("/set", 0...2): .window(.set(name: arguments.first, value: arguments.dropFirst().first))
        case ("/set", _): .mistake("/set takes a name and a value, for example /set notices off")
        case ("/topic", _): .mistake("Rooms of this server have no topics.")
        case ("/quit", _): .quit
        case ("/leave", _): .mistake("/leave takes no room: it goes back to global. To enter a room: /join <room>")
        case ("/rooms", _): .mistake("/rooms takes nothing, or a room to go on after: /rooms after dev")
        default: unknown(name)
        }
    }

    private static func rest(of line: String) -> String {
        let parts = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        return parts.count > 1 ? String(parts[1].drop(while: \.isWhitespace)) : ""
    }

    private static func help(on name: String) -> UserInput {
        if let command = Command.named(name) { return .helpOn(command.name) }
        return unknown(name.hasPrefix("/") ? name : "/" + name)
    }

    private static func query(_ line: String) -> UserInput {
        let parts = line.split(maxSplits: 2, whereSeparator: \.isWhitespace)
        guard parts.count > 1 else { return .mistake("With whom? For example: /query bob") }
        let user = String(parts[1])
        if let problem = NameRule.username.problem(with: user) { return .mistake(problem) }
        let text = parts.count > 2 ? String(parts[2].drop(while: \.isWhitespace)) : ""
        return .window(.query(user: user, text: text.isEmpty ? nil : text))
    }

    /// The text is everything after the name, with its spaces.
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
        if let nearest = Suggestion.nearest(to: name, among: Command.names) {
            return .mistake("There is no command \(shown). Did you mean \(nearest)?")
        }
        return .mistake(
            "There is no command \(shown); /help lists them. To say something that begins with /, write //.")
    }
}
