import ArgumentParser
import Transport

/// The command line. Options may be written with one dash, as the original client's were.
struct Options: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat-client",
        abstract: "Chat in a terminal.",
        usage: "chat-client [-addr host:port] [-username name] [-room room]",
        discussion: """
            Type a line and press Enter to say it in your room; /help lists the commands.
            Lines can come from a pipe, too: printf 'hi\\n' | chat-client -username bot
            There, messages go to standard output and all else to standard error.
            Empty input only connects, and ends once the server has greeted it.

            CHAT_USERNAME in the environment stands in for -username, NO_COLOR turns
            colours off.

            Exit status:
              0  fine
              1  in a pipe: something could not be sent, or the server did not confirm it
              2  wrong usage
              69 the server could not be reached
              77 the server refused
            """,
        version: "chat-client \(Version.current)",
        // No -h: an unknown option with one dash and an h in it, such as -host, would be read as a bundle with -h inside.
        helpNames: [.long, .customLong("help", withSingleDash: true)])

    @Option(
        name: [.customLong("addr", withSingleDash: true), .customLong("addr")],
        help: ArgumentHelp("Where the server listens. (default: localhost:8080)", valueName: "host:port"),
        transform: ServerAddress.parse)
    var addr = ServerAddress(host: "localhost", port: ServerAddress.defaultPort)

    @Option(
        name: [.customLong("username", withSingleDash: true), .customLong("username")],
        help: ArgumentHelp("Your name in the chat; asked for where it is missing.", valueName: "name"))
    var username: String?

    @Option(
        name: [.customLong("room", withSingleDash: true), .customLong("room")],
        help: ArgumentHelp("The room to start in, instead of global.", valueName: "room"))
    var room: String?
}

extension ServerAddress {
    /// As ``init(_:)``, with the error that the command line shows.
    fileprivate static func parse(_ text: String) throws -> ServerAddress {
        do {
            return try ServerAddress(text)
        } catch {
            throw ValidationError(error.description)
        }
    }
}
