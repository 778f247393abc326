import DequeModule
import NIOCore
import Transport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Runs a ``Script`` on one thread, for pipes, files, and terminals that are too simple for a screen.
struct ScriptShell: ~Copyable {
    /// The size of one read of standard input, in bytes.
    private static let chunk = 4096

    private var script: Script
    private var output: ScriptOutput
    private let transport: any ClientTransport
    private let tokens: TokenReader?
    private let events: ConnectionEventQueue
    private let wakeup: Wakeup
    private let signals: Wakeup
    /// Whether to end as soon as nobody reads the output, even with nothing to write.
    private var watchesOutput: Bool
    private let clock = ContinuousClock()
    private let origin: ContinuousClock.Instant
    private var splitter = LineSplitter()
    /// Lines that were read and not taken yet: at most those of one read.
    private var pieces: Deque<LineSplitter.Piece> = []
    private var inputIsOpen = true
    private var endIsTold = false
    private var exitCode: ExitCode?

    init(
        _ script: Script, output: ScriptOutput, watchesOutput: Bool, transport: any ClientTransport,
        tokens: TokenReader?, events: ConnectionEventQueue, wakeup: Wakeup, signals: Wakeup
    ) {
        self.script = script
        self.output = output
        self.watchesOutput = watchesOutput
        self.transport = transport
        self.tokens = tokens
        self.events = events
        self.wakeup = wakeup
        self.signals = signals
        origin = clock.now
    }

    /// - Returns: how the process is to end.
    mutating func run() -> ExitCode {
        handle(.started)
        while exitCode == nil {
            if !output.flush() {
                serveSignals()  // a signal may be the reason, and then decides the exit code
                handle(.outputClosed)
            }
            if exitCode == nil { waitAndServe() }
        }
        var code = exitCode ?? .success
        if code != .success, !pieces.isEmpty {
            let lines = pieces.count == 1 ? "1 more line" : "\(pieces.count) more lines"
            output.show(.status("\(lines) had been read and \(pieces.count == 1 ? "was" : "were") not sent"))
        }
        _ = output.flush()
        if let reason = output.failure {
            output.show(.status("the output cannot be written: \(reason)"))
            if code == .success || code == .outputClosed { code = .outputFailed }
        }
        return code
    }

    private mutating func waitAndServe() {
        let wantsInput = inputIsOpen && pieces.isEmpty && script.wantsInput
        var descriptors = [
            pollfd(fd: wantsInput ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeup.readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals.readEnd, events: Int16(POLLIN), revents: 0),
            // `poll` reports errors even if no event is requested.
            pollfd(fd: watchesOutput ? STDOUT_FILENO : -1, events: 0, revents: 0),
        ]
        let count = poll(&descriptors, nfds_t(descriptors.count), timeout)
        if count < 0, errno != EINTR { return handle(.interrupted(.hangup)) }
        if descriptors[2].revents != 0 { serveSignals() }
        if descriptors[1].revents != 0 {
            _ = wakeup.drain()
            for (attempt, event) in events.takeAll() { handle(.connection(attempt, event)) }
            transport.resumeReading()
        }
        if descriptors[0].revents != 0 { readInput() }
        takePieces()
        if descriptors[3].revents & Int16(POLLERR) != 0 {
            watchesOutput = false
            handle(.outputClosed)
        }
        handle(.tick)
    }

    /// The timeout for `poll`, in milliseconds, rounded up so that the deadline has passed on waking.
    private var timeout: Int32 {
        guard let deadline = script.nextDeadline else { return -1 }
        let milliseconds = ((deadline - now) / .milliseconds(1)).rounded(.up)
        return Int32(min(max(0, milliseconds), 3_600_000))
    }

    private var now: Duration { clock.now - origin }

    private mutating func readInput() {
        var buffer = [UInt8](repeating: 0, count: Self.chunk)
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        if count > 0 {
            pieces += splitter.append(buffer[..<count])
        } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
            inputIsOpen = false
            if let piece = splitter.finish() { pieces.append(piece) }
        }
    }

    /// Takes as many lines as there is room for. Nothing more is read until the rest is taken.
    private mutating func takePieces() {
        while exitCode == nil, script.wantsInput, let piece = pieces.popFirst() {
            switch piece {
            case .line(let line): handle(.line(line))
            case .tooLong: handle(.lineTooLong)
            }
        }
        if !inputIsOpen, pieces.isEmpty, !endIsTold {
            endIsTold = true
            handle(.endOfInput)
        }
    }

    private mutating func serveSignals() {
        for number in signals.drain() {
            switch Int32(number) {
            case SIGINT: handle(.interrupted(.interrupt))
            case SIGTERM: handle(.interrupted(.terminate))
            case SIGHUP: handle(.interrupted(.hangup))
            default: break
            }
        }
    }

    private mutating func handle(_ event: ClientEvent) {
        var tokenUse: TokenUse?
        for effect in script.handle(event, at: now) where exitCode == nil {
            if case .client(.readToken(let use)) = effect { tokenUse = use } else { perform(effect) }
        }
        if let tokenUse, exitCode == nil { handle(.token(tokens.present(tokenUse, on: transport))) }
    }

    private mutating func perform(_ effect: ScriptEffect) {
        switch effect {
        case .event(let json): output.write(event: json)
        case .message(let message): output.write(message)
        case .client(.connect(let attempt, let request)):
            transport.connect(attempt, to: script.client.address, asking: request)
        case .client(.send(let attempt, let number, let frame)):
            transport.send(ByteBuffer(bytes: frame.json), number: number, on: attempt)
        case .client(.close(let attempt, let code)): transport.close(attempt, code: code)
        case .client(.abandon(let attempt)): transport.abandon(attempt)
        case .client(.show(let what)): output.show(what)
        case .client(.exit(let code)): exitCode = code
        case .client: break  // effects for the editor only
        }
    }
}
