import NIOCore
import Wire

@testable import ChatClient
@testable import TestSupport

/// A server as the client sees it, whose troubles are drawn at random: what it stores, and what it says, in order.
///
/// It keeps its promises in both dialects. In `chat.v2` a message is stored once for each id, and a resume brings what
/// came after the place that was named.
struct SimulatedServer {
    static let user = "al"

    var random: SeededGenerator
    /// Whether requests are refused now and then.
    var isTroubled = true
    /// Whether a log is begun anew now and then.
    var forgets = false
    var isV2: Bool
    /// What it is going to say on the connection of now.
    var outbound: [ByteBuffer] = []
    private(set) var logs: [String: [V2Message]] = [:]
    private(set) var inbox: [V2PrivateMessage] = []
    /// Texts that it took in the classic dialect.
    private(set) var taken: [String] = []
    private var epoch = 1
    private var members: [String] = []

    init(seed: UInt64, isV2: Bool) {
        random = SeededGenerator(seed: seed)
        self.isV2 = isV2
    }

    /// All texts that it stored or passed on.
    var contents: [String] {
        logs.values.flatMap { $0 }.filter { $0.sender == Self.user }.map(\.content) + inbox.map(\.content) + taken
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    // MARK: Connections

    /// A client came; `room` is the one it asked for.
    mutating func greet(room: String?) {
        outbound = []
        members = [room ?? "global"]
        guard isV2 else { return say(ClassicEvent.system(content: "al joined the room \(room ?? "global")")) }
        let limits = V2Welcome.Limits(
            messageBytes: chance(80) ? 8192 : 200, messagesPerWindow: chance(50) ? 10 : 0, windowSeconds: 5,
            frameBytes: chance(50) ? 2000 : 0)
        let welcome = V2Welcome(
            username: Self.user, session: "secret", instance: "i", version: "1", rooms: members, limits: limits)
        say(.welcome(welcome))
    }

    /// Something that nobody asked for.
    mutating func speakUp() {
        guard isV2 else {
            let words = [
                "bob joined the room global", "too many messages: at most 5 in 1 s; try again in 1 s", "no such thing",
                "message too long: at most 10 bytes",
            ]
            if chance(50) {
                let content = "c\(random.next() % 100)"
                return say(ClassicEvent.chatMessage(sender: "bob", content: content, timestamp: "", room: members[0]))
            }
            return say(ClassicEvent.system(content: words[Int(random.next() % UInt64(words.count))]))
        }
        guard let room = members.randomElement(using: &random) else { return }
        switch random.next() % 12 {
        case 0: say(.reconnect(reason: "drain", delayMilliseconds: 300))
        case 1: say(.gap(room: room, after: 1, before: 3))
        case 2: say(.userJoined(room: room, username: "bob", members: 2, timestamp: ""))
        case 3: say(.typing(room: room, username: "bob", isTyping: true))
        case 4: tell(by: "bob", to: Self.user, "p\(random.next() % 1000)", id: "b\(random.next())")
        case 5:
            members = ["moved"]
            say(.joined(room: "moved", members: 1, lastSequence: UInt64(logs["moved"]?.count ?? 0), epoch: "e\(epoch)"))
        case 6: say(.roomMembers(room: room, members: 9, joined: 2, left: 1, timestamp: ""))
        case 7 where chance(10) && isTroubled && forgets:
            epoch += 1
            logs[room] = []
        default:
            say(.chatMessage(store(by: "bob", "c\(random.next() % 1000)", id: "b\(random.next())", in: room)))
        }
    }

    // MARK: Requests

    mutating func receive(_ command: ClassicCommand) {
        switch command {
        case .chatMessage(let content): taken.append(content)
        case .joinRoom(let room):
            if chance(10) { return say(ClassicEvent.system(content: "no such room")) }
            members = [room]
            say(ClassicEvent.system(content: "al joined the room \(room)"))
        case .leaveRoom:
            members = ["global"]
            say(ClassicEvent.system(content: "al joined the room global"))
        case .listUsers: say(ClassicEvent.system(content: "Active users: al"))
        case .listRooms: say(ClassicEvent.system(content: "Available rooms: global"))
        }
    }

    mutating func receive(_ request: V2Request) {
        if case .typing = request.command { return }
        if isTroubled, chance(20) { return refuse(request) }
        let ref = request.ref
        switch request.command {
        case .chatMessage(let content, let room, let id): store(content, room ?? "", id ?? "", ref)
        case .privateMessage(let to, let content, let id):
            let known = inbox.first { $0.id == id }?.sequence
            let sequence = known ?? tell(by: Self.user, to: to, content, id: id ?? "", aloud: chance(50))
            say(.ack(V2Ack(id: id, room: nil, sequence: sequence, timestamp: "", isDuplicate: known != nil)), ref)
        case .joinRoom(let join): enter(join, ref)
        case .leaveRoom(let room):
            members.removeAll { $0 == room }
            say(.left(room: room ?? ""), ref)
        case .listUsers(let room, _): say(.userList(room: room, users: [Self.user, "bob"]), ref)
        case .listRooms: say(.roomList([V2Room(name: "global", members: 1)]), ref)
        case .inbox(let position, _):
            let missed = inbox.filter { $0.sequence > position?.after ?? 0 }
            let more = missed.count > 4
            let page = Array(missed.prefix(4))
            say(.inbox(V2Inbox(messages: page, more: more, truncated: chance(10), epoch: "i")), ref)
        case .history(let room, let range, let limit):
            guard case .before(let place) = range else { return }
            let older = (logs[room] ?? []).filter { $0.sequence < place }.suffix(limit ?? 10)
            tellHistory(room, Array(older), more: chance(50), ref)
        case .typing, .authenticate: break
        }
    }

    private mutating func refuse(_ request: V2Request) {
        let codes = ["unavailable", "unavailable", "rate_limited", "forbidden", "internal"]
        let code = codes[Int(random.next() % UInt64(codes.count))]
        let delay = chance(50) ? Int(random.next() % 2000) : nil
        say(.error(code: code, content: "\(code)!", retryAfterMilliseconds: delay), request.ref)
    }

    private mutating func store(_ content: String, _ room: String, _ id: String, _ ref: String?) {
        guard members.contains(room) else {
            return say(.error(code: "not_in_room", content: "no", retryAfterMilliseconds: nil), ref)
        }
        let known = logs[room]?.first { $0.id == id }
        let message = known ?? store(by: Self.user, content, id: id, in: room)
        if known == nil, chance(30) { say(.chatMessage(message)) }
        // It is stored, but nobody can say so now.
        if isTroubled, chance(5) {
            return say(.error(code: "unavailable", content: "later", retryAfterMilliseconds: nil), ref)
        }
        let ack = V2Ack(
            id: id, room: room, sequence: message.sequence, timestamp: "", isDuplicate: known != nil)
        say(.ack(ack), ref)
    }

    private mutating func enter(_ join: V2Join, _ ref: String?) {
        if !join.stay { members = [] }
        members.removeAll { $0 == join.room }
        members.append(join.room)
        let log = logs[join.room] ?? []
        let epoch = "e\(epoch)"
        say(.joined(room: join.room, members: 1, lastSequence: UInt64(log.count), epoch: epoch), ref)
        guard let resume = join.resume, resume.epoch == epoch else {
            return tellHistory(join.room, log.suffix(join.history ?? 5), more: log.count > 5)
        }
        var missed = log.filter { $0.sequence > resume.after }[...]
        while missed.count > 3 {
            tellHistory(join.room, Array(missed.prefix(3)), more: true)
            missed = missed.dropFirst(3)
        }
        tellHistory(join.room, Array(missed), more: false, truncated: chance(10))
    }

    private mutating func tellHistory(
        _ room: String, _ messages: [V2Message], more: Bool, truncated: Bool = false, _ ref: String? = nil
    ) {
        let history = V2History(room: room, messages: messages, more: more, truncated: truncated, epoch: "e\(epoch)")
        say(.history(history), ref)
    }

    // MARK: Logs

    private mutating func store(by sender: String, _ content: String, id: String, in room: String) -> V2Message {
        let sequence = UInt64((logs[room]?.count ?? 0) + 1)
        let message = V2Message(
            id: id, room: room, sender: sender, content: content, timestamp: "2026-01-02T03:04:05.678Z",
            sequence: sequence)
        logs[room, default: []].append(message)
        return message
    }

    @discardableResult
    private mutating func tell(
        by sender: String, to: String, _ content: String, id: String, aloud: Bool = true
    ) -> UInt64 {
        let message = V2PrivateMessage(
            id: id, sender: sender, to: to, content: content, timestamp: "2026-01-02T03:04:05.678Z",
            sequence: UInt64(inbox.count + 1))
        inbox.append(message)
        if aloud { say(.privateMessage(message)) }
        return message.sequence
    }

    private mutating func say(_ event: V2Event, _ ref: String? = nil) {
        outbound.append(ByteBuffer(bytes: V2Frame(event, ref: ref).json))
    }

    private mutating func say(_ event: ClassicEvent) { outbound.append(ByteBuffer(bytes: event.json)) }
}
