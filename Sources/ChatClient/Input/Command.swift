/// A command that users type. This table is used by the parser, by `/help` and by Tab completion.
struct Command: Sendable {
    /// The kind of a word after the command's name.
    enum Argument: Equatable, Sendable {
        case room, user, text, number, command, setting, value
    }

    /// Begins with a slash.
    let name: String
    /// The lines of `/help`.
    let usages: [(usage: String, meaning: String)]
    /// What `/help <name>` adds.
    let details: String
    var arguments: [Argument] = []
    /// Whether the command needs windows, which a line-mode client does not have.
    var needsWindows = false

    static let all: [Command] = [
        Command(
            name: "/join",
            usages: [
                ("/join <room>", "enter a room, leaving the one you are in"),
                ("/join +<room>", "enter a room and stay in the others"),
            ],
            details: "Rooms come into being when somebody enters them. A name has up to 64 characters and no spaces.",
            arguments: [.room]),
        Command(
            name: "/leave", usages: [("/leave", "leave the room; from the last one you go back to global")],
            details: "On the full screen this closes the window of a private conversation."),
        Command(
            name: "/msg", usages: [("/msg <user> <text>", "say something to one user only")],
            details: "Everything after the name is the text. The user must be online.", arguments: [.user, .text]),
        Command(
            name: "/query", usages: [("/query <user> [text]", "open a private conversation")],
            details: "What you type in its window goes to that user only.", arguments: [.user, .text],
            needsWindows: true),
        Command(
            name: "/history", usages: [("/history [n]", "show n older messages of the room, 50 where n is missing")],
            details: "On the full screen PgUp does it, too.", arguments: [.number]),
        Command(
            name: "/users",
            usages: [("/users", "list everyone who is online"), ("/users <room>", "list who is in a room")],
            details: "A long list comes in parts: /users after <name> or /users <room> after <name> goes on.",
            arguments: [.room]),
        Command(
            name: "/rooms",
            usages: [("/rooms", "list the rooms"), ("/rooms after <name>", "go on with a long list; /users likewise")],
            details: "A room that nobody is in is not listed."),
        Command(
            name: "/me", usages: [("/me <text>", "say what you do: /me waves")],
            details: "Shown as * alice waves. Programs that do not know it show the text as you wrote it.",
            arguments: [.text]),
        Command(
            name: "/search", usages: [("/search [text]", "look for text further up; again without the text")],
            details: "Looks through what this window has loaded. PgUp at the top loads more.", arguments: [.text],
            needsWindows: true),
        Command(
            name: "/clear", usages: [("/clear", "empty the window")],
            details: "Nothing is deleted on the server: PgUp brings it back.", needsWindows: true),
        Command(
            name: "/resend", usages: [("/resend", "send again what could not be sent in this window")],
            details: "Each message that failed is sent once more, in its order.", needsWindows: true),
        Command(
            name: "/set", usages: [("/set [name] [value]", "show or change a setting")],
            details: ScreenSettings.help, arguments: [.setting, .value], needsWindows: true),
        Command(
            name: "/reconnect", usages: [("/reconnect", "drop the connection and come back at once")],
            details: "Nothing is lost: what is missed meanwhile is shown, what is pending is sent then."),
        Command(
            name: "/help", usages: [("/help [command]", "show this list, or more about a command")],
            details: "To say something that begins with a slash, write two: //etc/hosts", arguments: [.command]),
        Command(
            name: "/quit", usages: [("/quit", "end (Ctrl-C and Ctrl-D do, too)")],
            details: "What you said is given a moment to be stored."),
        Command(
            name: "//", usages: [("//text", "say something that begins with a slash")],
            details: "//etc/hosts says /etc/hosts."),
    ]

    /// - Parameter name: with or without its slash, in any case.
    static func named(_ name: String) -> Command? {
        let name = name.lowercased()
        return all.first { $0.name == name || $0.name == "/" + name }
    }

    /// The names of all commands that can be typed, with their slashes. Commands that are used more often come first.
    static let names = all.map(\.name).filter { $0 != "//" }.sorted { rank($0) < rank($1) }

    private static func rank(_ name: String) -> Int {
        ["/help", "/join", "/leave", "/msg", "/history", "/users", "/rooms", "/quit"].firstIndex(of: name) ?? 99
    }
}
