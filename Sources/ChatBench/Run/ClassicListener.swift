import NIOCore
import Transport
import Wire

/// A client of the classic dialect that only reads. Everything happens on its event loop.
final class ClassicListener: ConnectionSink {
    private struct State {
        var log: ClientLog
        var transport: WebSocketTransport?
        var attempt = Attempt(number: 0)
        var connectAt: Moment? = .start
        var isOpen = false
        var address: Int
    }

    private static let pause = Duration.milliseconds(500)

    private let state: NIOLoopBoundBox<State>
    private let room: String
    private let token: String?
    private let trust: TLSTrust
    private let addresses: [ServerAddress]
    private let clock: RunClock
    private let loop: any EventLoop

    init(
        name: String, token: String?, trust: TLSTrust, room: String, addresses: [ServerAddress], firstAddress: Int,
        loop: any EventLoop, clock: RunClock
    ) {
        let log = ClientLog(name: name, role: .classic)
        state = .makeBoxSendingValue(State(log: log, address: firstAddress), eventLoop: loop)
        self.room = room
        self.token = token
        self.trust = trust
        self.addresses = addresses
        self.clock = clock
        self.loop = loop
    }

    var log: ClientLog { state.value.log }

    func start() {
        state.value.transport = WebSocketTransport(
            loop: loop, userAgent: "chat-bench/\(Version.current)", trust: trust,
            token: { [token] in token }, sink: self)
    }

    func stop() {
        state.value.transport?.abandon(state.value.attempt)
        state.value.transport = nil
    }

    func tick() {
        guard let at = state.value.connectAt, clock.now >= at else { return }
        state.value.connectAt = nil
        state.value.attempt.number += 1
        let address = addresses[state.value.address % addresses.count]
        state.value.transport?.connect(
            state.value.attempt, to: address, asking: UpgradeRequest(username: state.value.log.name, room: room))
    }

    var hasRoom: Bool { true }

    func deliver(_ attempt: Attempt, _ event: ConnectionEvent) {
        guard attempt == state.value.attempt else { return }
        let now = clock.now
        switch event {
        case .opened:
            state.value.isOpen = true
            let address = addresses[state.value.address % addresses.count]
            state.value.log.append(.connected(address: address.description, instance: ""), at: now)
        case .received(let text):
            // Notices are texts for people, and are not judged.
            if case .chatMessage(let sender, let content, _, let room)? = try? ClassicEvent(
                json: text.readableBytesView)
            {
                state.value.log.append(.overheard(room: room, sender: sender, content: content), at: now)
            }
        case .ended(let end):
            let address = addresses[state.value.address % addresses.count].description
            let cause: Disconnection.Cause = state.value.isOpen ? .lost : .unreachable
            state.value.log.append(
                .disconnected(Disconnection(cause: cause, address: address, words: "\(end)")), at: now)
            state.value.isOpen = false
            state.value.address += 1
            state.value.connectAt = now + Self.pause
        case .receivedBinary, .alive, .sent: break
        }
    }
}
