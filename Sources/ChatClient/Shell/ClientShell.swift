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

/// Runs the client on one thread: waits for standard input, the transport, signals and deadlines, passes each to
/// ``ClientState``, and carries out the effects.
final class ClientShell {
    /// The size of one read of standard input, in bytes.
    private static let chunk = 4096

    private var state: ClientState
    private let console: ScreenConsole
    private let transport: any ClientTransport
    private let tokens: TokenReader?
    private let events: ConnectionEventQueue
    private let wakeup: Wakeup
    private let signals: Wakeup
    private let clock = ContinuousClock()
    private let origin: ContinuousClock.Instant
    private var inputIsOpen = true
    /// When the console stops waiting for the rest of an unfinished key or paste.
    private var settleDeadline: Duration?
    private var exitCode: ExitCode?

    init(
        state: ClientState, console: ScreenConsole, transport: any ClientTransport, tokens: TokenReader?,
        events: ConnectionEventQueue, wakeup: Wakeup, signals: Wakeup
    ) {
        self.state = state
        self.console = console
        self.transport = transport
        self.tokens = tokens
        self.events = events
        self.wakeup = wakeup
        self.signals = signals
        origin = clock.now
    }

    /// - Returns: how the process is to end. The terminal is restored by then.
    func run() -> ExitCode {
        handle(.started)
        while exitCode == nil {
            console.setStatus(state.status)
            console.advance(to: now)
            if !console.flush() {
                signals.drain().forEach(serve(signal:))  // a signal may be the reason, and then decides the exit code
                handle(.outputClosed)
            }
            if exitCode == nil { waitAndServe() }
        }
        console.close()
        return exitCode ?? .success
    }

    private func waitAndServe() {
        let input = inputIsOpen && state.wantsInput ? STDIN_FILENO : -1
        var descriptors = [
            pollfd(fd: input, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeup.readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals.readEnd, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&descriptors, nfds_t(descriptors.count), timeout)
        if count < 0, errno != EINTR { return handle(.interrupted(.hangup)) }
        if descriptors[2].revents != 0 { signals.drain().forEach(serve(signal:)) }
        if descriptors[1].revents != 0 {
            _ = wakeup.drain()
            for (attempt, event) in events.takeAll() { handle(.connection(attempt, event)) }
            transport.resumeReading()
        }
        if descriptors[0].revents != 0 { readInput() } else { settleInput() }
        handle(.tick)
    }

    /// The timeout for `poll`, in milliseconds, rounded up so that the deadline has passed on waking.
    private var timeout: Int32 {
        guard let deadline = [state.nextDeadline, settleDeadline, console.deadline].compactMap(\.self).min() else {
            return -1
        }
        let milliseconds = ((deadline - now) / .milliseconds(1)).rounded(.up)
        return Int32(min(max(0, milliseconds), 3_600_000))
    }

    private var now: Duration { clock.now - origin }

    private func readInput() {
        var buffer = [UInt8](repeating: 0, count: Self.chunk)
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        if count > 0 {
            console.feed(Array(buffer[..<count]))
        } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
            inputIsOpen = false
            console.feedEnd()
        }
        settleDeadline = console.patience.map { now + .milliseconds($0) }
        takeActions()
    }

    /// Called when a wake-up brought no input. This uses a deadline, because messages can come so steadily that `poll`
    /// never times out.
    private func settleInput() {
        guard let settleDeadline, settleDeadline <= now else { return }
        self.settleDeadline = nil
        console.settle()
        takeActions()
    }

    private func takeActions() {
        while exitCode == nil, let action = console.nextAction() {
            switch action {
            case .line(let line): handle(.line(line))
            case .endOfInput: handle(.endOfInput)
            case .interrupt: handle(.interrupted(.success))
            case .suspend: suspend()
            case .ask(let ask): handle(.asked(ask))
            }
        }
    }

    private func serve(signal number: UInt8) {
        switch Int32(number) {
        case SIGINT: handle(.interrupted(.interrupt))
        case SIGTERM: handle(.interrupted(.terminate))
        case SIGHUP: handle(.interrupted(.hangup))
        case SIGWINCH: console.resized()
        case SIGCONT: console.resume()
        case SIGTSTP: suspend()
        default: break
        }
    }

    /// Stops the whole foreground job, as the terminal itself would do for Ctrl-Z.
    private func suspend() {
        console.suspend()
        Signals.stop()
        // The stop can take effect on another thread first. So the terminal is taken back only when SIGCONT has come,
        // or when none will come, because no shell could stop the client.
        var continued = pollfd(fd: signals.readEnd, events: Int16(POLLIN), revents: 0)
        _ = poll(&continued, 1, 200)
        console.resume()
    }

    private func handle(_ event: ClientEvent) {
        var tokenUse: TokenUse?
        for effect in state.handle(event, at: now) {
            if case .readToken(let use) = effect { tokenUse = use } else { perform(effect) }
        }
        if let tokenUse { handle(.token(tokens.present(tokenUse, on: transport))) }
    }

    private func perform(_ effect: ClientEffect) {
        switch effect {
        case .connect(let attempt, let request):
            transport.connect(attempt, to: state.address, asking: request)
        case .send(let attempt, let number, let frame):
            transport.send(ByteBuffer(bytes: frame.json), number: number, on: attempt)
        case .close(let attempt, let code): transport.close(attempt, code: code)
        case .abandon(let attempt): transport.abandon(attempt)
        case .show(let output): console.show(output)
        case .report(let happening): console.report(happening)
        case .giveBack(let line): console.giveBack(line)
        case .exit(let code): exitCode = code
        case .readToken: break  // handled after the other effects
        }
    }
}
