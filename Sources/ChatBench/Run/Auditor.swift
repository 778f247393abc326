import NIOCore
import Synchronization
import Transport
import Wire

/// Connects when everything is settled, asks one server for its lists, and reads whole rooms.
///
/// One request at a time, each with a deadline. Thread-safe; used from a task.
final class Auditor: ConnectionSink {
    enum Failure: Error, CustomStringConvertible {
        case ended(String)
        case refused(code: String, words: String)
        case noAnswer(String)
        case unexpected(String)

        var description: String {
            switch self {
            case .ended(let words): "the connection ended: \(words)"
            case .refused(let code, let words): "\(code): \(words)"
            case .noAnswer(let question): "no answer to \(question)"
            case .unexpected(let type): "the answer was \(type)"
            }
        }
    }

    private struct State {
        var log: ClientLog
        /// Frames that no request has taken yet: the answer to one request at most, and events.
        var frames: [V2Frame] = []
        var end: String?
        var refCount = 0
    }

    static let patience = Duration.seconds(10)
    private static let attempt = Attempt(number: 1)

    private let state: Mutex<State>
    private let clock: RunClock
    private let messages: MessageTable
    private let address: ServerAddress
    private let token: String?
    private let trust: TLSTrust
    private let transport = Mutex<WebSocketTransport?>(nil)
    private let loop: any EventLoop

    init(
        name: String, token: String?, trust: TLSTrust, address: ServerAddress, loop: any EventLoop, clock: RunClock,
        messages: MessageTable
    ) {
        state = Mutex(State(log: ClientLog(name: name, role: .reader)))
        self.address = address
        self.token = token
        self.trust = trust
        self.clock = clock
        self.messages = messages
        self.loop = loop
    }

    var log: ClientLog { state.withLock(\.log) }
    var name: String { state.withLock(\.log.name) }

    private func record(_ event: Event) {
        let now = clock.now
        state.withLock { $0.log.append(event, at: now) }
    }

    // MARK: Connection

    func connect() async throws(Failure) {
        let transport = WebSocketTransport(
            loop: loop, userAgent: "chat-bench/\(Version.current)", trust: trust,
            token: { [token] in token }, sink: self)
        self.transport.withLock { $0 = transport }
        record(.connecting(address: address.description))
        transport.connect(
            Self.attempt, to: address, asking: UpgradeRequest(username: name, subprotocols: ["chat.v2"]))
        let frame = try await frame("the connection") { frame in
            switch frame.event {
            case .welcome, .error: true
            default: false
            }
        }
        guard case .welcome(let welcome) = frame.event else { throw .refused(code: "error", words: "\(frame.event)") }
        record(.connected(address: address.description, instance: welcome.instance))
    }

    func disconnect() {
        record(.disconnected(Disconnection(cause: .quit, address: address.description, words: "done")))
        transport.withLock { transport in
            transport?.close(Self.attempt, code: .normal)
            transport = nil
        }
    }

    // MARK: Questions

    /// The whole list, in as many parts as it has.
    func listUsers(of room: String?) async throws(Failure) -> [String] {
        var users: [String] = []
        var more = true
        while more {
            let question = V2Command.listUsers(room: room, V2ListRange(after: users.last))
            guard case .userList(_, let part, let isMore, _) = try await ask(question) else {
                throw .unexpected("not a list of users")
            }
            users += part
            more = isMore && !part.isEmpty
        }
        record(.users(room: room, users))
        return users
    }

    /// The whole list, in as many parts as it has.
    func listRooms() async throws(Failure) -> [String: Int] {
        var rooms: [V2Room] = []
        var more = true
        while more {
            let question = V2Command.listRooms(V2ListRange(after: rooms.last?.name))
            guard case .roomList(let part, let isMore, _) = try await ask(question) else {
                throw .unexpected("not a list of rooms")
            }
            rooms += part
            more = isMore && !part.isEmpty
        }
        let counts = Dictionary(rooms.map { ($0.name, $0.members) }, uniquingKeysWith: max)
        record(.rooms(counts))
        return counts
    }

    /// Reads everything that a room retains, from the oldest message forwards and from the newest backwards.
    func readRoom(_ room: String) async throws(Failure) {
        var from: UInt64 = 0
        while true {
            let page = try await page(room, .after, from: from)
            guard page.more, let last = page.messages.last else { break }
            from = last.sequence
        }
        let newest = lastSequence(of: room)
        var before = newest + 1
        while true {
            let page = try await page(room, .before, from: before, cursor: newest)
            guard page.more, let first = page.messages.first else { break }
            before = first.sequence
        }
    }

    private func lastSequence(of room: String) -> UInt64 {
        log.entries.reduce(0) { last, entry in
            guard case .paged(let page, _) = entry.event, page.room == room else { return last }
            return max(last, page.messages.last?.sequence ?? 0)
        }
    }

    private func page(
        _ room: String, _ direction: PageRequest.Direction, from: UInt64, cursor: UInt64 = 0
    ) async throws(Failure) -> Page {
        let range: V2HistoryRange = direction == .after ? .after(from) : .before(from)
        let answer = try await ask(.history(room: room, range, limit: 100))
        guard case .history(let history) = answer else { throw .unexpected("not a history") }
        let page = Page(history, messages.canonical)
        record(.paged(page, PageRequest(direction: direction, from: from, limit: 100, cursor: cursor)))
        return page
    }

    /// Enters a room without reading its history, and leaves the one before.
    func enter(_ room: String) async throws(Failure) {
        record(.entering(room: room))
        let answer = try await ask(.joinRoom(V2Join(room: room, history: 0)))
        guard case .joined(_, _, let last, let epoch) = answer else { throw .unexpected("not joined") }
        record(
            .entered(
                Entrance(
                    room: room, after: nil, askedEpoch: nil, history: 0, keepsOthers: false, lastSequence: last,
                    epoch: epoch)))
    }

    private func ask(_ command: V2Command) async throws(Failure) -> V2Event {
        for attempt in 0..<50 {
            let ref = state.withLock { state in
                state.refCount += 1
                return "r\(state.refCount)"
            }
            let transport = transport.withLock { $0 }
            transport?.send(
                ByteBuffer(bytes: V2Request(command, ref: ref).json), number: nil, on: Self.attempt)
            let frame = try await frame(command.type) { $0.ref == ref }
            guard case .error(let code, let words, let retryAfter) = frame.event else { return frame.event }
            guard code == "rate_limited" || code == "unavailable", attempt < 49 else {
                throw .refused(code: code, words: words)
            }
            try? await Task.sleep(for: .milliseconds(min(max(retryAfter ?? 200, 50), 5000)))
        }
        throw .noAnswer(command.type)
    }

    /// Checks the received frames, again and again until the deadline.
    private func frame(_ what: String, where matches: (V2Frame) -> Bool) async throws(Failure) -> V2Frame {
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            let (found, end) = state.withLock { state in
                let found = state.frames.first(where: matches)
                state.frames.removeAll()
                return (found, state.end)
            }
            if let found { return found }
            if let end { throw .ended(end) }
            do { try await Task.sleep(for: .milliseconds(2)) } catch { throw .noAnswer(what) }
        }
        throw .noAnswer(what)
    }

    // MARK: Transport

    var hasRoom: Bool { true }

    func deliver(_ attempt: Attempt, _ event: ConnectionEvent) {
        switch event {
        case .received(let text):
            do throws(V2DecodingError) {
                let frame = try V2Frame(json: text.readableBytesView)
                // Only answers: the members record what happens in the rooms.
                let isWelcome = if case .welcome = frame.event { true } else { false }
                let isError = if case .error = frame.event { true } else { false }
                guard frame.ref != nil || isWelcome || isError else { return }
                state.withLock { $0.frames.append(frame) }
            } catch {
                record(.unexpected("\(error.reason)"))
            }
        case .ended(let end): state.withLock { $0.end = "\(end)" }
        case .opened, .receivedBinary, .alive, .sent: break
        }
    }
}
