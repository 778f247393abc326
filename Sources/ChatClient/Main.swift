import Transport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The `chat-client` executable.
@main
enum Main {
    static func main() {
        StandardDescriptors.fill()
        let options = parsed()
        let environment = Environment.current
        guard let username = username(options, environment) else { return end(.usage) }
        if let room = options.room, let problem = NameRule.room.problem(with: room) { return usage(problem) }
        guard let wakeup = Wakeup(), let signals = Wakeup() else {
            return usage("no file descriptors are left")
        }
        Signals.install(signals)
        let mailbox = Mailbox(wakeup: wakeup)
        let configuration = ClientState.Configuration(
            address: options.addr, username: username, room: options.room,
            isInteractive: environment.inputIsTerminal, inputCanWait: !environment.allowsEditor,
            hasWindows: environment.allowsEditor)
        let state = ClientState(configuration, random: { Double.random(in: 0..<1) })
        let shell = ClientShell(
            state: state,
            console: environment.allowsEditor
                ? ScreenConsole.onTerminal(status: state.status, room: options.room)
                : PlainConsole(outputStyle: environment.outputStyle, errorStyle: environment.errorStyle),
            transport: WebSocketTransport(userAgent: "chat-client/\(Version.current)", sink: mailbox), mailbox: mailbox,
            wakeup: wakeup, signals: signals)
        end(shell.run())
    }

    /// Like `Options.main()`, except that wrong usage ends with 2.
    private static func parsed() -> Options {
        switch Options.read(Array(CommandLine.arguments.dropFirst())) {
        case .options(let options): return options
        case .information(let words):
            print(words)
            exit(ExitCode.success.rawValue)
        case .wrong(let words):
            Environment.complain(words)
            exit(ExitCode.usage.rawValue)
        }
    }

    private static func username(_ options: Options, _ environment: Environment) -> String? {
        if let given = options.username ?? environment.username {
            guard let problem = NameRule.username.problem(with: given) else { return given }
            Environment.complain("Error: \(problem)")
            return nil
        }
        guard environment.inputIsTerminal else {
            Environment.complain("Error: there is no terminal to ask for a username; give one with -username NAME.")
            return nil
        }
        return environment.askForUsername()
    }

    private static func usage(_ problem: String) {
        Environment.complain("Error: \(problem)")
        end(.usage)
    }

    private static func end(_ code: ExitCode) {
        RawMode.leave()
        exit(code.rawValue)
    }
}
