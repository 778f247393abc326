import NIOCore
import Testing
import Transport
import Wire

@testable import ChatClient

/// A client state with a clock that the test moves, and what it asked for.
struct Client {
    var state: ClientState
    var now = Duration.zero
    var effects: [ClientEffect] = []

    init(
        room: String? = nil, interactive: Bool = true, editor: Bool = true, windows: Bool = false, random: Double = 1,
        makeID: @escaping @Sendable () -> String = MessageID.random
    ) {
        state = ClientState(
            .init(
                address: ServerAddress(host: "h", port: 1), username: "al", room: room, isInteractive: interactive,
                inputCanWait: !editor, hasWindows: windows),
            random: { random }, makeID: makeID)
        handle(.started)
    }

    /// A client that the server has greeted.
    static func open(room: String? = nil, interactive: Bool = true, editor: Bool = true, random: Double = 1) -> Client {
        var client = Client(room: room, interactive: interactive, editor: editor, random: random)
        client.greet(room ?? "global")
        client.effects = []
        return client
    }

    mutating func handle(_ event: ClientEvent) {
        effects += state.handle(event, at: now)
    }

    /// From the connection as it is now.
    mutating func connection(_ event: ConnectionEvent) {
        handle(.connection(state.attempt, event))
    }

    mutating func system(_ content: String) { hear(.system(content: content)) }

    /// The server sends a frame of the classic dialect.
    mutating func hear(_ event: ClassicEvent) { connection(.received(ByteBuffer(bytes: event.json))) }

    mutating func greet(_ room: String) {
        connection(.opened(subprotocol: nil))
        system("al joined the room \(room)")
    }

    mutating func lose() { connection(.ended(.lost(""))) }

    /// Time passes to the next deadline.
    mutating func passDeadline() {
        now = state.nextDeadline ?? now
        handle(.tick)
    }

    /// The transport passes on all it was given so far and not yet settled.
    mutating func settle() {
        for number in sends.map(\.number) { connection(.sent(number)) }
    }

    var sends: [(number: Int, command: ClassicCommand)] {
        effects.compactMap {
            if case .send(_, let number?, .classic(let command)) = $0 { (number, command) } else { nil }
        }
    }

    var said: [String] {
        sends.compactMap { if case .chatMessage(let content) = $0.command { content } else { nil } }
    }

    var shown: [Output] {
        effects.compactMap { if case .show(let output) = $0 { output } else { nil } }
    }

    var statuses: [String] {
        shown.compactMap { if case .status(let words) = $0 { words } else { nil } }
    }

    var requests: [UpgradeRequest] {
        effects.compactMap { if case .connect(_, let request) = $0 { request } else { nil } }
    }

    var exitCode: ExitCode? {
        for effect in effects { if case .exit(let code) = effect { return code } }
        return nil
    }

    var isWaiting: Bool { if case .waiting = state.reconnecting.phase { true } else { false } }
}

extension ClientState {
    /// Where one is, and whether something one said there is not stored yet, in a word.
    var prompt: String {
        switch reconnecting.phase {
        case .open, .closing, .ended:
            "[\(session.rooms.current)]" + (session.dialect == .v2 && session.outbox.messageCount > 0 ? "…" : " ")
        case .idle, .connecting, .greeting, .waiting, .awaitingToken: "[offline] "
        }
    }
}
