import NIOCore
import Synchronization
import Transport
import Wire

/// A client of `chat.v2` with its connection: it performs what its machine decides.
///
/// Everything happens on its event loop, on which the transport reports, too.
final class Member: ConnectionSink {
    private struct State {
        var machine: ClientMachine
        var transport: WebSocketTransport?
        var attempt = Attempt(number: 0)
        /// The client reads nothing until then.
        var slowUntil: Moment?
    }

    private let state: NIOLoopBoundBox<State>
    private let clock: RunClock
    private let messages: MessageTable
    private let trust: TLSTrust
    private let addresses: [ServerAddress]
    private let compression: WebSocketTransport.Compression?
    private let loop: any EventLoop

    init(
        _ identity: Identity, addresses: [ServerAddress], trust: TLSTrust,
        compression: WebSocketTransport.Compression? = nil, loop: any EventLoop, clock: RunClock, messages: MessageTable
    ) {
        state = .makeBoxSendingValue(State(machine: ClientMachine(identity)), eventLoop: loop)
        self.clock = clock
        self.messages = messages
        self.trust = trust
        self.addresses = addresses
        self.compression = compression
        self.loop = loop
    }

    /// Call this on the event loop, like everything else.
    var machine: ClientMachine { state.value.machine }

    /// Lets the machine handle something, and performs the actions that it returns.
    func act<Result>(_ change: (inout ClientMachine, Moment) -> Result) -> Result {
        let result = change(&state.value.machine, clock.now)
        perform()
        return result
    }

    func start() {
        let token = state.value.machine.identity.token
        state.value.transport = WebSocketTransport(
            loop: loop, userAgent: "chat-bench/\(Version.current)", trust: trust, compression: compression,
            token: { token }, sink: self)
        act { machine, now in machine.start(now) }
        tick()
    }

    /// Ends without a goodbye, and breaks the reference cycle that keeps the client alive.
    func stop() {
        state.value.transport?.abandon(state.value.attempt)
        state.value.transport = nil
    }

    func tick() {
        if let until = state.value.slowUntil, clock.now >= until { read() }
        guard clock.now >= state.value.machine.wakeAt else { return }
        act { machine, now in machine.tick(now) }
    }

    func canonical(_ message: Message) -> Message { messages.canonical(message) }

    // MARK: Slowness

    /// Reads nothing for a while; the server must handle that.
    func beSlow(for duration: Duration) {
        guard state.value.machine.isConnected, state.value.slowUntil == nil else { return }
        state.value.slowUntil = clock.now + duration
        state.value.machine.isReading = false
        state.value.machine.log.append(.slow(duration), at: clock.now)
    }

    /// Continues to read.
    func read() {
        guard state.value.slowUntil != nil else { return }
        state.value.slowUntil = nil
        state.value.machine.isReading = true
        state.value.machine.readsSince = clock.now
        state.value.transport?.resumeReading()
    }

    var hasRoom: Bool { state.value.slowUntil == nil }

    // MARK: Transport

    private func perform() {
        for action in state.value.machine.takeActions() {
            guard let transport = state.value.transport else { return }
            switch action {
            case .connect(let address, let session, let room):
                read()
                state.value.attempt.number += 1
                transport.connect(
                    state.value.attempt, to: addresses[address],
                    asking: UpgradeRequest(
                        username: state.value.machine.identity.name, room: room, session: session,
                        subprotocols: ["chat.v2"]))
            case .send(let request):
                transport.send(ByteBuffer(bytes: request.json), number: nil, on: state.value.attempt)
            case .close: transport.close(state.value.attempt, code: .normal)
            case .abandon: transport.abandon(state.value.attempt)
            }
        }
    }

    func deliver(_ attempt: Attempt, _ event: ConnectionEvent) {
        guard attempt == state.value.attempt else { return }
        act { machine, now in
            switch event {
            case .opened(let subprotocol):
                if subprotocol == "chat.v2" {
                    machine.opened(now)
                } else {
                    machine.giveUpConnecting("the server does not speak chat.v2", now)
                }
            case .received(let text):
                do throws(V2DecodingError) {
                    machine.received(try V2Frame(json: text.readableBytesView), messages.canonical, now)
                } catch {
                    machine.receivedUnknown("\(error.reason)", now)
                }
            case .receivedBinary: machine.receivedUnknown("a binary message", now)
            case .alive: machine.heard(now)
            case .sent: break
            case .ended(.unreachable(let words)): machine.ended(words, now)
            case .ended(.refused(let status, let words, let retryAfter)):
                machine.ended("HTTP \(status) \(words)", retryAfter: retryAfter, now)
            case .ended(.closed(let code, let reason)):
                machine.ended("\(code.rawValue) \(reason)", isNameTaken: code == .usernameTaken, now)
            case .ended(.lost(let words)): machine.ended(words.isEmpty ? "broken" : words, now)
            }
        }
    }
}
