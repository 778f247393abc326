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
        do throws(UsageProblem) {
            end(try run(parsed(), Environment.current))
        } catch {
            Environment.complain("Error: \(error)")
            end(.usage)
        }
    }

    private static func run(_ options: Options, _ environment: Environment) throws(UsageProblem) -> ExitCode {
        let settings = try Settings(options.connecting, environment: Environment.variable, read: contents)
        let tokens = try settings.token.map { source throws(UsageProblem) in try TokenReader(source) }
        let trust = try settings.trust()
        if let address = settings.exposesTokenTo {
            Environment.complain("Warning: the token goes to \(address) unencrypted; wss:// would keep it secret.")
        }
        guard let username = try username(settings, environment) else { return .usage }
        guard let wakeup = Wakeup(), let signals = Wakeup() else {
            throw UsageProblem("no file descriptors are left")
        }
        Signals.install(signals)
        let events = ConnectionEventQueue(wakeup: wakeup)
        let transport = WebSocketTransport(
            userAgent: "chat-client/\(Version.current)", trust: trust,
            compression: options.connecting.noCompression ? nil : WebSocketTransport.Compression(),
            token: { try tokens?.forConnection() },
            sink: events)
        let usesLines = options.script.isWanted || !environment.allowsEditor
        let client = ClientState(
            options.script.configuration(
                settings, username: username, credential: tokens?.credential ?? .none,
                isTerminal: environment.inputIsTerminal, usesLines: usesLines),
            random: { Double.random(in: 0..<1) })
        guard usesLines else {
            let shell = ClientShell(
                state: client, console: ScreenConsole.onTerminal(status: client.status, room: settings.room),
                transport: transport, tokens: tokens, events: events, wakeup: wakeup, signals: signals)
            return shell.run()
        }
        let errand = options.script.errand
        let format = options.script.format
        var shell = ScriptShell(
            Script(errand, format: format, client: client),
            output: ScriptOutput(
                format, showsMessages: errand.showsMessages, outputStyle: environment.outputStyle,
                errorStyle: environment.errorStyle),
            watchesOutput: errand.isEndless, transport: transport, tokens: tokens, events: events, wakeup: wakeup,
            signals: signals)
        return shell.run()
    }

    /// Like `Options.main()`, but ends with 2 after wrong usage.
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

    /// - Returns: `nil` if there is no such file, which is allowed for the configuration.
    private static func contents(_ path: String) throws(UsageProblem) -> [UInt8]? {
        do throws(SmallFile.Problem) {
            return try SmallFile(path: path).bytes
        } catch {
            switch error {
            case .missing: return nil
            case .unreadable(let words): throw UsageProblem("\(path) \(words)")
            }
        }
    }

    /// - Returns: empty if the token tells the name; `nil` if the user was asked and did not answer.
    private static func username(
        _ settings: Settings, _ environment: Environment
    ) throws(UsageProblem) -> String? {
        if let username = settings.username { return username }
        if settings.token != nil { return "" }
        guard environment.inputIsTerminal else {
            throw UsageProblem("there is no terminal to ask for a username; give one with -username NAME.")
        }
        return environment.askForUsername()
    }

    private static func end(_ code: ExitCode) -> Never {
        RawMode.leave()
        if code == .outputClosed {
            // Ends by SIGPIPE, as other tools do, so that the parent process sees the signal and no error message is
            // printed.
            _ = signal(SIGPIPE, SIG_DFL)
            _ = raise(SIGPIPE)
        }
        exit(code.rawValue)
    }
}
