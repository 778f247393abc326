import Testing

@testable import ChatBench

/// Lists, notices, private messages, classic clients and crowds.
@Suite struct JudgePresenceTests {
    private let one = Sighting.of("a", 10)

    @Test func `who is listed and gone, or there and not listed, is found`() {
        var run = HistoryBuilder("a", "b")
        run.add("b", .disconnected(Disconnection(cause: .quit, address: "here", words: "")))
        run.add("a", .notice(room: "x-r", user: "x-b", isJoin: false))
        run.read([])
        run.history(adding: "again", role: .reader)
        run.add("again", .connected(address: "here", instance: ""))
        var right = run
        right.add("again", .users(room: nil, ["somebody", "x-a", "x-again"]))
        right.add("again", .users(room: "x-r", ["x-a"]))
        right.add("again", .rooms(["x-r": 1, "global": 7]))
        #expect(right.breaches.isEmpty)
        run.add("again", .users(room: nil, ["x-a", "x-again", "x-b"]))
        run.add("again", .users(room: "x-r", []))
        run.add("again", .rooms(["x-r": 2]))
        #expect(run.breaches == [.wrongList: 3])
    }

    @Test func `only the last list counts`() {
        var run = HistoryBuilder("a")
        run.history(adding: "reader", role: .reader)
        run.add("reader", .connected(address: "here", instance: ""))
        run.add("reader", .users(room: "x-r", []))
        run.add("reader", .users(room: "x-r", ["x-a"]))
        #expect(run.breaches.isEmpty)
    }

    @Test func `a leave that a member is not told of is missing, unless the time was not peaceful`() {
        func leave(told: Bool, trouble: Bool) -> HistoryBuilder {
            var run = HistoryBuilder("a", "b")
            if trouble { run.add("a", .refused(id: "id0", code: "unavailable", isFinal: false)) }
            run.add("b", .left(room: "x-r"))
            if told { run.add("a", .notice(room: "x-r", user: "x-b", isJoin: false)) }
            for _ in 0..<10 { run.add("a", .slow(.zero)) }
            return run
        }
        #expect(leave(told: true, trouble: false).breaches.isEmpty)
        #expect(leave(told: false, trouble: false).breaches == [.missingNotice: 1])
        #expect(leave(told: false, trouble: true).breaches.isEmpty)
    }

    @Test(arguments: [true, false])
    func `a room may have been entered by a request whose answer was lost with the connection`(isTold: Bool) {
        var run = HistoryBuilder("a", "b")
        run.add("b", .left(room: "x-r"))
        run.add("a", .notice(room: "x-r", user: "x-b", isJoin: false))
        run.pass(seconds: 30)
        run.add("b", .entering(room: "x-r"))
        run.add("b", .disconnected(Disconnection(cause: .dropped, address: "here", words: "")))
        if isTold { run.add("a", .notice(room: "x-r", user: "x-b", isJoin: true)) }
        run.add("b", .connected(address: "here", instance: ""))
        run.add("b", .entering(room: "x-r"))
        run.enter("b")
        for _ in 0..<10 { run.add("a", .slow(.zero)) }
        #expect(run.breaches == (isTold ? [:] : [.missingNotice: 1]))
    }

    @Test(arguments: [
        (said: true, seconds: 9, isFrozen: true), (true, 3, false), (false, 9, false),
    ])
    func `whose server is frozen may be taken for gone, and for come when it goes on`(
        said: Bool, seconds: Int, isFrozen: Bool
    ) {
        var run = HistoryBuilder("a", "b")
        run.add("b", .disconnected(Disconnection(cause: .dropped, address: "here", words: "")))
        run.add("b", .connected(address: "there", instance: ""))
        run.enter("b", after: 0)
        run.pass(seconds: 30)
        run.add("b", .shown(one))
        if said { run.add("b", .sent(Sighting.of("b", 11).message)) }
        run.pass(seconds: seconds - 2)
        run.add("a", .notice(room: "x-r", user: "x-b", isJoin: false))
        run.pass(seconds: 1)
        run.ack("b", Sighting.of("b", 11))
        run.pass(seconds: 30)
        for name in ["a", "b"] { run.add(name, .slow(.zero)) }
        #expect((run.breaches[.falseNotice] == nil) == isFrozen)
    }

    @Test(arguments: [true, false])
    func `a room that was entered with the upgrade was told then, though it is read later`(isTold: Bool) {
        var run = HistoryBuilder("a", "b")
        run.add("b", .disconnected(Disconnection(cause: .quit, address: "here", words: "")))
        run.add("a", .notice(room: "x-r", user: "x-b", isJoin: false))
        for _ in 0..<30 { run.add("a", .slow(.zero)) }
        run.add("b", .connecting(address: "here"))
        run.add("b", .connected(address: "here", instance: ""))
        if isTold { run.add("a", .notice(room: "x-r", user: "x-b", isJoin: true)) }
        run.add("b", .disconnected(Disconnection(cause: .dropped, address: "here", words: "")))
        run.add("b", .connecting(address: "here"))
        run.add("b", .connected(address: "here", instance: ""))
        run.enter("b")
        for _ in 0..<10 { run.add("a", .slow(.zero)) }
        #expect(run.breaches == (isTold ? [:] : [.missingNotice: 1]))
    }

    @Test(arguments: [
        (joined: 0, left: 2, missing: 0), (3, 2, 0), (0, 9, 0), (0, 1, 1), (2, 0, 2),
    ])
    func `merged notices stand for as many as they say`(joined: Int, left: Int, missing: Int) {
        var run = HistoryBuilder("a", "b", "c")
        run.add("b", .left(room: "x-r"))
        run.add("c", .left(room: "x-r"))
        run.add("a", .merged(room: "x-r", joined: joined, left: left))
        for _ in 0..<10 { run.add("a", .slow(.zero)) }
        #expect(run.breaches == (missing == 0 ? [:] : [.missingNotice: missing]))
    }

    @Test func `who was told by name is not counted again`() {
        var run = HistoryBuilder("a", "b", "c")
        run.add("b", .left(room: "x-r"))
        run.add("c", .left(room: "x-r"))
        run.add("a", .notice(room: "x-r", user: "x-b", isJoin: false))
        run.add("a", .merged(room: "x-r", joined: 0, left: 1))
        for _ in 0..<10 { run.add("a", .slow(.zero)) }
        #expect(run.breaches.isEmpty)
    }

    @Test func `a leave of who is there is false`() {
        var run = HistoryBuilder("a", "b")
        for _ in 0..<30 { run.add("a", .slow(.zero)) }
        run.add("a", .notice(room: "x-r", user: "x-b", isJoin: false))
        for _ in 0..<10 { run.add("b", .slow(.zero)) }
        #expect(run.breaches == [.falseNotice: 1])
    }

    @Test func `a private message reaches its recipient once, and nobody else`() {
        let message = Message(id: "p", place: .user("x-b"), sender: "x-a", content: "psst")
        let empty = Page(room: "", epoch: "e", messages: [], more: false, truncated: false)
        func whisper(_ readers: String...) -> HistoryBuilder {
            var run = HistoryBuilder("a", "b", "c")
            for name in ["a", "b", "c"] { run.add(name, .inbox(empty, after: nil, epoch: nil)) }
            run.add("a", .sent(message))
            run.add("a", .acked(Acknowledgement(id: "p", room: nil, sequence: 5, isDuplicate: false)))
            for name in readers { run.add(name, .whispered(Sighting(message: message, sequence: 4))) }
            return run
        }
        #expect(whisper("b").breaches.isEmpty)
        #expect(whisper().breaches == [.privateLost: 1])
        #expect(whisper("b", "b").breaches == [.repeated: 1])
        #expect(whisper("b", "c").breaches == [.wrongReader: 1])
    }

    @Test func `a private message to one who has quit, and comes back as another user of the name, is for nobody`() {
        let message = Message(id: "p", place: .user("x-b"), sender: "x-a", content: "psst")
        let empty = Page(room: "", epoch: "e", messages: [], more: false, truncated: false)
        var run = HistoryBuilder("a", "b")
        for name in ["a", "b"] { run.add(name, .inbox(empty, after: nil, epoch: nil)) }
        run.add("b", .disconnected(Disconnection(cause: .quit, address: "here", words: "")))
        // The server may not have heard of that yet.
        run.add("a", .sent(message))
        run.add("a", .acked(Acknowledgement(id: "p", room: nil, sequence: 5, isDuplicate: false)))
        run.add("b", .connected(address: "here", instance: ""))
        run.add("b", .inbox(empty, after: nil, epoch: nil))
        #expect(run.breaches[.privateLost] == nil)
        let second = Message(id: "q", place: .user("x-b"), sender: "x-a", content: "again")
        run.add("a", .sent(second))
        run.add("a", .acked(Acknowledgement(id: "q", room: nil, sequence: 6, isDuplicate: false)))
        #expect(run.breaches[.privateLost] == 1)
    }

    @Test func `classic clients are judged by contents while they are connected`() {
        let two = Sighting.of("a", 20)
        func hear(_ heard: [Sighting]) -> HistoryBuilder {
            var run = HistoryBuilder("a")
            run.say("a", one)
            run.say("a", two)
            run.read([one, two])
            run.history(adding: "c", role: .classic)
            run.add("c", .connected(address: "here", instance: ""))
            for sighting in heard {
                let message = sighting.message
                run.add("c", .overheard(room: "x-r", sender: message.sender, content: message.content))
            }
            return run
        }
        #expect(hear([one, two]).breaches.isEmpty)
        #expect(hear([two]).breaches.isEmpty)
        #expect(hear([two, one]).breaches == [.outOfOrder: 1])
        #expect(hear([one, one]).breaches == [.repeated: 1])
    }

    @Test func `a crowd that loses its server is an outage, and ends when all are ready`() {
        var run = HistoryBuilder("a", "b", "c", "d", "e", "f")
        let names = ["a", "b", "c", "d", "e", "f"]
        for name in names { run.lose(name) }
        for name in names {
            run.add(name, .connected(address: "there", instance: ""))
            run.add(name, .ready)
        }
        // By hand every event takes a second, so the losses are put into one moment.
        var history = run.history
        for index in history.clients.indices {
            history.clients[index].entries = history.clients[index].entries.map { entry in
                guard case .disconnected = entry.event else { return entry }
                return .init(at: Moment(nanoseconds: 25_000_000_000), event: entry.event)
            }
        }
        let outages = Outage.find(in: history)
        #expect(outages.map(\.clients) == [6] && outages.map(\.lost) == [0])
        #expect(outages.map(\.address) == ["here"])
        #expect(outages.first?.allResumed == .seconds(17))
    }
}
