import ArgumentParser
import Transport

/// The command line. Options of the original client may be written with one dash, as they were there.
struct Options: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat-client",
        abstract: "Chat in a terminal, or from a script.",
        usage: """
            chat-client [-addr <address>] [-username <name>] [-room <room>] [<options>]
            chat-client --once <text> | --tail <count> | --listen [<options>]
            """,
        discussion: """
            Type a line and press Enter to say it in your room; /help lists the commands.
            In a pipe each line of standard input is said; messages go to standard output
            and all else to standard error.

            EXAMPLES
              chat-client -addr chat.example.org:8080 -username alice
              chat-client -addr wss://chat.example.org --token-file ~/.chat-token
              make 2>&1 | tail -1 | chat-client -username builder -room dev
              chat-client -username cron -room ops --once 'the backup is done'
              chat-client -username cron -room ops --tail 20
              chat-client -username bot --listen --json | jq -r '.content // empty'

            ENVIRONMENT
              CHAT_ADDR, CHAT_USERNAME, CHAT_ROOM, CHAT_CA, CHAT_TOKEN_FILE, CHAT_PROFILE
              stand in for the options of these names. CHAT_TOKEN holds the token itself.
              NO_COLOR turns colours off.

            FILES
              $XDG_CONFIG_HOME/chat-client/config.json (~/.config/chat-client/config.json)
              holds profiles. An option goes before the environment, that before the file.

            EXIT STATUS
              0   fine
              1   a line was refused for good, or was no command that there is
              2   wrong usage
              69  the server could not be reached
              74  the output could not be written
              75  not all was confirmed by the server when the client ended
              77  the server refused: the name is taken or not allowed, or who you are
              128 and a signal's number, where one ended it (141: nobody read the output)
            """,
        version: "chat-client \(Version.current)",
        // There is no -h: an unknown option with one dash and an h in it, such as -host, would be parsed as a bundle
        // with -h inside.
        helpNames: [.long, .customLong("help", withSingleDash: true)])

    @OptionGroup(title: "Connecting")
    var connecting: ConnectingOptions

    @OptionGroup(title: "Scripts")
    var script: ScriptOptions
}

/// The options about the server and the user.
struct ConnectingOptions: ParsableArguments {
    @Option(
        name: [.customLong("addr", withSingleDash: true), .customLong("addr")],
        help: ArgumentHelp(
            """
            The server's address: host:port, or a URL that begins with ws:// or, for TLS, wss://. Several, with commas \
            or in several options, are tried in turn. (default: localhost:8080)
            """, valueName: "address"),
        completion: .custom { _, _, _ in Completion.addresses() },
        transform: Self.addresses)
    var addr: [[ServerAddress]] = []

    @Option(
        name: [.customLong("username", withSingleDash: true), .customLong("username")],
        help: ArgumentHelp("Your name in the chat; asked for where it is missing.", valueName: "name"))
    var username: String?

    @Option(
        name: [.customLong("room", withSingleDash: true), .customLong("room")],
        help: ArgumentHelp("The room to start in, instead of global.", valueName: "room"))
    var room: String?

    @Option(
        help: ArgumentHelp("Use this profile of the configuration file.", valueName: "name"),
        completion: .custom { _, _, _ in Completion.profiles() })
    var profile: String?

    @Option(
        help: ArgumentHelp("With TLS, trust the authorities in this PEM file and no others.", valueName: "file"),
        completion: .file(extensions: ["pem", "crt", "cer"]))
    var ca: String?

    @Option(
        help: ArgumentHelp(
            "Say who you are with the token in this file, which nobody else may be able to read.", valueName: "file"),
        completion: .file())
    var tokenFile: String?

    @Flag(help: "Do not offer the server to compress messages.")
    var noCompression = false

    private static func addresses(_ text: String) throws -> [ServerAddress] {
        do {
            return try ServerAddress.list(text)
        } catch {
            throw ValidationError(error.description)
        }
    }

    mutating func validate() throws {
        if let username, let problem = NameRule.username.problem(with: username) { throw ValidationError(problem) }
        if let room, let problem = NameRule.room.problem(with: room) { throw ValidationError(problem) }
    }

    /// The command line's values of settings that other sources may have as well.
    var layer: SettingsLayer {
        let addresses = addr.flatMap { $0 }.withoutRepeats
        return SettingsLayer(
            addresses: addresses.isEmpty ? nil : addresses, username: username, room: room, authorities: ca,
            token: tokenFile.map(TokenSource.file))
    }
}

/// The options of a client without a screen.
struct ScriptOptions: ParsableArguments {
    /// The greatest number of messages that `--tail` shows.
    static let mostShown = 10_000
    /// The greatest number of messages that the server sends when a room is entered.
    static let mostOnEntering = 100

    @Flag(help: "Lines in and lines out, on a terminal, too.")
    var plain = false

    @Flag(help: "Write what the server sends to standard output as it is: one JSON object per line.")
    var json = false

    @Option(help: ArgumentHelp("Say this, wait until it is stored, and end.", valueName: "text"))
    var once: String?

    @Option(
        help: ArgumentHelp(
            "Show the room's last messages and end; with --listen, show them and go on.", valueName: "count")
    )
    var tail: Int?

    @Flag(help: "Read no input, and go on until stopped, whatever becomes of the connection.")
    var listen = false

    @Option(
        help: ArgumentHelp(
            "Give up when there is no connection, or no confirmation, for so long. (default: 60)",
            valueName: "seconds"))
    var timeout: Int?

    mutating func validate() throws {
        if plain, json { throw ValidationError("--plain and --json are two formats; choose one.") }
        if let once {
            if listen { throw ValidationError("--once ends and --listen goes on; choose one.") }
            if tail != nil { throw ValidationError("--once says something and --tail reads; choose one.") }
            if once.allSatisfy(\.isWhitespace) { throw ValidationError("--once is given nothing to say.") }
            if once.utf8.count > LineSplitter.longest { throw ValidationError("--once is given too much to say.") }
        }
        if let tail {
            let most = listen ? Self.mostOnEntering : Self.mostShown
            guard (1...most).contains(tail) else {
                throw ValidationError(
                    "--tail shows 1 to \(Self.mostShown) messages, with --listen \(Self.mostOnEntering).")
            }
        }
        if let timeout {
            guard (1...86_400).contains(timeout) else { throw ValidationError("--timeout is 1 to 86400 seconds.") }
            if listen { throw ValidationError("--listen never gives up, so that --timeout means nothing.") }
        }
    }

    /// Whether no screen is wanted, even on a terminal.
    var isWanted: Bool { plain || json || errand != .relay }

    var format: ScriptFormat { json ? .json : .plain }

    var errand: Errand {
        if let once { return .say(once) }
        if listen { return .listen(showing: tail ?? 0) }
        return tail.map(Errand.show) ?? .relay
    }

    func configuration(
        _ settings: Settings, username: String, credential: Credential, isTerminal: Bool, usesLines: Bool
    ) -> ClientConfiguration {
        ClientConfiguration(
            address: settings.address, username: username, room: settings.room, credential: credential,
            isInteractive: isTerminal && errand == .relay, inputCanWait: usesLines,
            hasWindows: !usesLines,
            otherAddresses: settings.otherAddresses, patience: timeout.map { .seconds($0) },
            isPersistent: errand.isEndless, history: errand.history)
    }
}
