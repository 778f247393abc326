import Testing
import Wire

@testable import ChatBench

/// The client that the bench judges servers with has to be a good one itself.
@Suite struct ClientMachineTests {
    private var machine: ClientMachine
    private var now = Moment.start

    init() {
        machine = ClientMachine(
            Identity(name: "x-a", rooms: ["x-r", "x-s"], addresses: ["one", "two"], firstAddress: 0, seed: 1))
        machine.start(now)
    }

    // MARK: Moves

    private mutating func wait(_ duration: Duration = .milliseconds(10)) -> [ClientMachine.Action] {
        now = now + duration
        machine.tick(now)
        return machine.takeActions()
    }

    private mutating func receive(_ event: V2Event, ref: String? = nil) -> [V2Request] {
        now = now + .milliseconds(1)
        machine.received(V2Frame(event, ref: ref), { $0 }, now)
        return requests(machine.takeActions())
    }

    private func requests(_ actions: [ClientMachine.Action]) -> [V2Request] {
        actions.compactMap { if case .send(let request) = $0 { request } else { nil } }
    }

    /// Connects, and gives what the client asks for at once.
    private mutating func connect() -> [V2Request] {
        _ = wait(.seconds(5))
        machine.opened(now)
        return receive(
            .welcome(
                V2Welcome(
                    username: "x-a", session: "secret", instance: "i", version: "", rooms: [],
                    limits: .init(messageBytes: 1, messagesPerWindow: 0, windowSeconds: 0))))
    }

    /// Answers the requests of a new connection; gives what the client sends then.
    private mutating func answer(_ requests: [V2Request], last: UInt64 = 0, history: [V2Message] = []) -> [V2Request] {
        var sent: [V2Request] = []
        for request in requests {
            switch request.command {
            case .joinRoom(let join):
                sent += receive(.joined(room: join.room, members: 1, lastSequence: last, epoch: "e"), ref: request.ref)
                let messages = history.filter { $0.room == join.room }
                sent += receive(
                    .history(
                        V2History(room: join.room, messages: messages, more: false, truncated: false, epoch: "e")))
            case .inbox:
                sent += receive(
                    .inbox(V2Inbox(messages: [], more: false, truncated: false, epoch: "p")), ref: request.ref)
            default: break
            }
        }
        return sent
    }

    private func message(_ sequence: UInt64, _ id: String = "id", from sender: String = "x-b") -> V2Message {
        V2Message(id: id, room: "x-r", sender: sender, content: "", timestamp: "", sequence: sequence)
    }

    /// Has the client say something, and gives the request if it was sent.
    private mutating func say() -> V2Request? {
        _ = machine.say({ $0 }, now)
        return requests(machine.takeActions()).first
    }

    private func id(_ request: V2Request?) -> String? {
        if case .chatMessage(_, _, let id)? = request?.command { id } else { nil }
    }

    private func joins(_ requests: [V2Request]) -> [V2Join] {
        requests.compactMap { if case .joinRoom(let join) = $0.command { join } else { nil } }
    }

    @Test mutating func `a room too many is not asked for again`() {
        let requests = connect()
        let second = requests.first { if case .joinRoom(let join) = $0.command { join.room == "x-s" } else { false } }
        let error = V2Event.error(code: "too_many_rooms", content: "", retryAfterMilliseconds: nil)
        #expect(receive(error, ref: second?.ref) == [])
        _ = answer(requests.filter { $0.ref != second?.ref })
        for _ in 0..<20 { #expect(joins(self.requests(wait(.seconds(1)))).isEmpty) }
        #expect(machine.isReady)
    }

    // MARK: Tests

    @Test mutating func `it connects, enters its rooms, reads its inbox, and is ready`() {
        #expect(wait() == [.connect(address: 0, session: nil, room: "x-r")])
        let requests = connect()
        #expect(joins(requests).map(\.room) == ["x-r", "x-s"])
        #expect(joins(requests).allSatisfy { $0.resume == nil && $0.stay && $0.history == 50 })
        #expect(requests.last?.command == .inbox(resume: nil, limit: 100))
        #expect(!machine.isReady)
        _ = answer(requests)
        #expect(machine.isReady)
        #expect(machine.log.entries.last?.event == .ready)
    }

    @Test mutating func `it comes back to the next address with its secret, and resumes where it stopped`() {
        _ = answer(connect(), last: 7)
        _ = receive(.chatMessage(message(9)))
        machine.ended("broken", now)
        #expect(wait(.seconds(5)) == [.connect(address: 1, session: "secret", room: "x-r")])
        let joins = joins(connect())
        #expect(joins.map(\.resume) == [V2Position(after: 9, epoch: "e"), V2Position(after: 7, epoch: "e")])
    }

    @Test mutating func `an own acknowledgement moves the place to resume from, a duplicate's does not`() {
        _ = answer(connect(), last: 7)
        let first = say()
        guard case .chatMessage(_, let room?, let id)? = first?.command else { return #expect(Bool(false)) }
        _ = receive(.ack(V2Ack(id: id, room: room, sequence: 12)), ref: first?.ref)
        #expect(machine.positions[room]?.after == 12 && machine.pending.isEmpty)
        _ = receive(.ack(V2Ack(id: id, room: room, sequence: 20, isDuplicate: true)))
        #expect(machine.positions[room]?.after == 12)
    }

    @Test mutating func `what is pending waits for the resume, and is resent with its id unless the resume has it`() {
        _ = answer(connect(), last: 7)
        var sent: [(id: String, room: String)] = []
        while sent.filter({ $0.room == "x-r" }).count < 2 {
            guard case .chatMessage(_, let room?, let id?)? = say()?.command else { return #expect(Bool(false)) }
            sent.append((id, room))
        }
        let mine = sent.filter { $0.room == "x-r" }
        machine.ended("broken", now)
        let requests = connect()
        #expect(requests.compactMap { id($0) } == [], "nothing is resent before the resume")
        let resent = answer(requests, last: 9, history: [message(9, mine[0].id, from: "x-a")])
        #expect(resent.compactMap { id($0) }.contains(mine[1].id))
        #expect(!resent.compactMap { id($0) }.contains(mine[0].id))
    }

    @Test mutating func `a message that is unavailable or comes too fast is retried with the same id, later`() {
        _ = answer(connect())
        let first = say()
        #expect(receive(.error(code: "rate_limited", content: "", retryAfterMilliseconds: 400), ref: first?.ref) == [])
        #expect(requests(wait(.milliseconds(300))) == [])
        #expect(id(requests(wait(.milliseconds(200))).first) == id(first))
    }

    @Test mutating func `a message that is refused for good is given up`() {
        _ = answer(connect())
        let first = say()
        _ = receive(.error(code: "message_too_long", content: "", retryAfterMilliseconds: nil), ref: first?.ref)
        #expect(machine.pending.isEmpty)
        #expect(
            machine.log.entries.last?.event
                == .refused(id: id(first) ?? "", code: "message_too_long", isFinal: true))
    }

    @Test mutating func `asked to reconnect, it comes back after the delay, and not before`() {
        _ = answer(connect())
        _ = receive(.reconnect(reason: "drain", delayMilliseconds: 2000))
        #expect(!wait(.milliseconds(1500)).contains(.abandon))
        machine.ended("1012", now)
        #expect(wait(.milliseconds(400)) == [])
        #expect(wait(.seconds(3)) == [.connect(address: 1, session: "secret", room: "x-r")])
    }

    @Test mutating func `another epoch, or a place beyond the head, is not gone on from`() {
        _ = answer(connect(), last: 7)
        machine.ended("broken", now)
        let join = connect()[0]
        _ = receive(.joined(room: "x-r", members: 1, lastSequence: 3, epoch: "f"), ref: join.ref)
        #expect(machine.positions["x-r"] == nil)
        let history = V2History(room: "x-r", messages: [message(3)], more: true, truncated: true, epoch: "f")
        _ = receive(.history(history))
        #expect(machine.positions["x-r"] == V2Position(after: 3, epoch: "f"))
    }

    @Test mutating func `a server that does not answer is left`() {
        _ = answer(connect())
        #expect(say() != nil)
        #expect(!wait(.seconds(10)).contains(.abandon))
        #expect(wait(.seconds(6)).contains(.abandon))
    }

    @Test mutating func `it says goodbye only when nothing is pending`() {
        _ = answer(connect(), last: 7)
        let first = say()
        machine.quit(.init(pause: nil), now)
        #expect(machine.takeActions() == [])
        #expect(say() == nil, "and takes nothing on meanwhile")
        machine.received(
            V2Frame(.ack(V2Ack(id: id(first), room: "x-r", sequence: 8)), ref: first?.ref), { $0 }, now)
        #expect(machine.takeActions() == [.close])
        _ = wait(.seconds(3))
        #expect(machine.phase == .gone)
    }

    @Test mutating func `who said goodbye comes back as a new session`() {
        _ = answer(connect(), last: 7)
        machine.quit(.init(pause: .seconds(3)), now)
        #expect(machine.takeActions() == [.close])
        machine.ended("1000", now)
        #expect(wait(.seconds(1)) == [.abandon])
        #expect(wait(.seconds(3)) == [.connect(address: 1, session: nil, room: "x-r")])
        #expect(joins(connect()).allSatisfy { $0.resume == nil })
    }
}
