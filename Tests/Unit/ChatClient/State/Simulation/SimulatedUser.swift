import NIOCore
import Synchronization
import Transport
import Wire

@testable import ChatClient

/// A client and its server, with everything between them drawn at random: what is typed, when it arrives, when the
/// connection breaks, how much time passes.
struct SimulatedUser {
    var server: SimulatedServer
    private(set) var state: ClientState
    private(set) var effects: [ClientEffect] = []
    private(set) var exitCode: ExitCode?
    private var typed = 0
    /// Every connection may speak another dialect than the last.
    private let changesDialect: Bool
    private var now = Duration.zero
    private var attempt: Attempt?
    private var isUpgraded = false
    /// The room that the client asked for.
    private var room: String?
    /// What the client gave to the transport, which has not passed it on.
    private var frames: [(number: Int?, frame: ClientFrame)] = []
    private var isClosing = false

    init(seed: UInt64, isV2: Bool, changesDialect: Bool = false) {
        self.changesDialect = changesDialect
        server = SimulatedServer(seed: seed, isV2: isV2)
        let count = Mutex(0)
        let draws = Mutex(0)
        state = ClientState(
            .init(
                address: ServerAddress(host: "a", port: 1), username: SimulatedServer.user,
                isInteractive: true, inputCanWait: false, hasWindows: true,
                otherAddresses: seed % 4 == 0 ? [ServerAddress(host: "b", port: 1)] : []),
            random: {
                draws.withLock { draws in
                    draws += 1
                    return Double(draws % 10) / 10
                }
            },
            makeID: {
                count.withLock { count in
                    count += 1
                    return "m\(count)"
                }
            })
        handle(.started)
    }

    // MARK: Steps

    /// One thing happens.
    mutating func step() {
        guard exitCode == nil else { return }
        switch Int.random(in: 0..<100, using: &server.random) {
        case 0..<25: type()
        case 25..<60: carry()
        case 60..<68: if isUpgraded { server.speakUp() }
        case 68..<72: breakConnection()
        default: pass(upTo: .milliseconds(Int64(server.random.next() % 2000)))
        }
    }

    /// Nothing goes wrong any more, until nothing is left to say.
    mutating func settle() {
        server.isTroubled = false
        for _ in 0..<2000 where exitCode == nil {
            carry()
            if frames.isEmpty, server.outbound.isEmpty {
                if state.status.unsent == 0, case .open = state.status.connection { return }
                pass(upTo: .seconds(100))
            }
        }
    }

    private mutating func type() {
        guard state.wantsInput else { return }
        let number = typed
        typed += 1
        let room = ["global", "dev", "ops"][Int(server.random.next() % 3)]
        if server.chance(50) { return ask(number, room) }
        let line =
            switch server.random.next() % 40 {
            case 0..<16: "line \(number)"
            case 16..<18: "\(number) " + String(repeating: "long ", count: 60)
            case 18..<22: "/msg bob line \(number)"
            case 22..<26: "/join \(room)"
            case 26..<28: "/join \(room) stay"
            case 28..<30: "/leave"
            case 30: "/users"
            case 31: "/rooms"
            case 32: "/history 3"
            case 33: "/nonsense"
            case 34: "\(number) " + String(repeating: "\0", count: 600)
            case 35: "/reconnect"
            default: "line \(number)"
            }
        handle(.line(line))
    }

    private mutating func ask(_ number: Int, _ room: String) {
        let content = "line \(number)"
        switch server.random.next() % 10 {
        case 0..<3: handle(.asked(.say(content, in: .room(room))))
        case 3: handle(.asked(.say(content, in: .user("bob"))))
        case 4: handle(.asked(.join(room, stay: server.chance(70))))
        case 5: handle(.asked(.leave(room)))
        case 6: handle(.asked(.older(room: room, before: 5, count: 3)))
        case 7: handle(.asked(.typing(room: room, isTyping: true)))
        case 8: handle(.asked(.names(room: room)))
        default: handle(.asked(.roomNames))
        }
    }

    /// Something gets to the other side, in either direction.
    private mutating func carry() {
        guard let attempt else { return }
        guard isUpgraded else { return upgrade(attempt) }
        if isClosing { return end(.closed(.normal, reason: "")) }
        if !frames.isEmpty, server.outbound.isEmpty || server.chance(50) {
            let (number, frame) = frames.removeFirst()
            if frame.json.count > 3000 { return end(.closed(.tooBig, reason: "")) }
            switch frame {
            case .classic(let command): server.receive(command)
            case .v2(let request): server.receive(request)
            }
            if let number { handle(.connection(attempt, .sent(number))) }
        } else if !server.outbound.isEmpty {
            handle(.connection(attempt, .received(server.outbound.removeFirst())))
        }
    }

    private mutating func upgrade(_ attempt: Attempt) {
        if server.isTroubled, server.chance(20) {
            return end(
                server.chance(50)
                    ? .unreachable("refused") : .refused(status: 503, words: "", retryAfter: .seconds(1)))
        }
        if changesDialect { server.isV2 = server.chance(50) }
        isUpgraded = true
        server.greet(room: room)
        handle(.connection(attempt, .opened(subprotocol: server.isV2 ? "chat.v2" : nil)))
    }

    private mutating func breakConnection() {
        guard server.isTroubled, attempt != nil else { return }
        switch server.random.next() % 8 {
        case 0: end(.closed(.serviceRestart, reason: ""))
        case 1: end(.closed(.tooBig, reason: ""))
        default: end(.lost(""))
        }
    }

    private mutating func pass(upTo limit: Duration) {
        now = min(now + limit, max(now, state.nextDeadline ?? .seconds(1_000_000)))
        handle(.tick)
    }

    // MARK: The transport

    private mutating func end(_ end: ConnectionEnd) {
        guard let attempt else { return }
        forget()
        handle(.connection(attempt, .ended(end)))
    }

    private mutating func forget() {
        attempt = nil
        isUpgraded = false
        isClosing = false
        frames = []
        server.outbound = []
    }

    // MARK: What the user was told

    /// The ids of the messages that were taken in.
    var pending: [String] {
        happenings.compactMap { if case .pending(let id, _, _, _) = $0 { id } else { nil } }
    }

    var stored: [(id: String, content: String)] {
        happenings.compactMap { if case .stored(let id, _, let content, _, _) = $0 { (id, content) } else { nil } }
    }

    var failed: [String] {
        happenings.compactMap { if case .failed(let id, _, _, _, _) = $0 { id } else { nil } }
    }

    private var happenings: [Happening] {
        effects.compactMap { if case .report(let happening) = $0 { happening } else { nil } }
    }

    private mutating func handle(_ event: ClientEvent) {
        let made = state.handle(event, at: now)
        effects += made
        for effect in made {
            switch effect {
            case .connect(let attempt, let request):
                forget()
                self.attempt = attempt
                room = request.room
            case .send(_, let number, let frame): frames.append((number, frame))
            case .close: isClosing = true
            case .abandon: forget()
            case .exit(let code): exitCode = code
            case .show, .report, .giveBack: break
            case .readToken: break  // the simulated user has no token
            }
        }
    }
}
