import Testing

@testable import ChatBench

/// Users with several clients at a time.
@Suite struct JudgeSessionsTests {
    private let one = Sighting.of("a", 10)
    private let secret = Message(id: "p", place: .user("x-b"), sender: "x-a", content: "psst")
    private let empty = Page(room: "", epoch: "e", messages: [], more: false, truncated: false)

    // MARK: Messages

    @Test func `What one client says its user's other clients have to see`() {
        func said(to others: String...) -> HistoryBuilder {
            var run = HistoryBuilder("a.0", "a.1", "b")
            run.add("a.0", .sent(one.message))
            run.ack("a.0", one)
            for other in others { run.add(other, .shown(one)) }
            run.read([one])
            return run
        }
        #expect(said(to: "a.1", "b").breaches.isEmpty)
        #expect(said(to: "b").breaches == [.missed: 1])
        #expect(said(to: "a.1", "a.1", "b").breaches == [.repeated: 1])
    }

    @Test func `An acknowledgement belongs to the client that sent the message`() {
        var run = HistoryBuilder("a.0", "a.1")
        run.add("a.0", .sent(one.message))
        run.ack("a.1", one)
        #expect(run.breaches[.protocolViolation] == 1)
    }

    @Test(
        arguments: [
            (["b.0", "b.1", "a.1"], [:]), (["b.0", "a.1"], [.privateLost: 1]), (["b.0", "b.1"], [.privateLost: 1]),
            ([], [.privateLost: 3]), (["b.0", "b.1", "a.1", "c"], [.wrongReader: 1]),
            (["b.0", "b.1", "b.1", "a.1"], [.repeated: 1]),
        ] as [([String], [Breach.Kind: Int])])
    func `A private message reaches every client of its recipient, and the sender's others`(
        readers: [String], breaches: [Breach.Kind: Int]
    ) {
        var run = HistoryBuilder("a.0", "a.1", "b.0", "b.1", "c")
        run.useTokens()
        for name in ["a.0", "a.1", "b.0", "b.1", "c"] { run.add(name, .inbox(empty, after: nil, epoch: nil)) }
        run.add("a.0", .sent(secret))
        run.add("a.0", .acked(Acknowledgement(id: "p", room: nil, sequence: 5, isDuplicate: false)))
        for name in readers { run.add(name, .whispered(Sighting(message: secret, sequence: 4))) }
        #expect(run.breaches == breaches)
    }

    @Test(arguments: [true, false])
    func `With tokens a private message waits for a user who is away`(usesTokens: Bool) {
        func back(with messages: [Sighting], more: Bool = false) -> HistoryBuilder {
            var run = HistoryBuilder("a", "b")
            if usesTokens { run.useTokens() }
            for name in ["a", "b"] { run.add(name, .inbox(empty, after: nil, epoch: nil)) }
            run.add("b", .disconnected(Disconnection(cause: .quit, address: "here", words: "")))
            run.add("a", .notice(room: "x-r", user: "x-b", isJoin: false))
            run.add("a", .sent(secret))
            run.add("a", .acked(Acknowledgement(id: "p", room: nil, sequence: 5, isDuplicate: false)))
            run.add("b", .connecting(address: "here"))
            run.add("b", .connected(address: "here", instance: ""))
            let page = Page(room: "", epoch: "e", messages: messages, more: more, truncated: false)
            run.add("b", .inbox(page, after: nil, epoch: nil))
            run.enter("b")
            run.add("a", .notice(room: "x-r", user: "x-b", isJoin: true))
            return run
        }
        #expect(back(with: [Sighting(message: secret, sequence: 4)]).breaches.isEmpty)
        #expect(back(with: []).breaches == (usesTokens ? [.privateLost: 1] : [:]))
        #expect(back(with: [], more: true).breaches.isEmpty, "only the latest messages were asked for")
    }

    @Test(arguments: [true, false])
    func `With tokens there is a user of every name`(usesTokens: Bool) {
        var run = HistoryBuilder("a")
        if usesTokens { run.useTokens() }
        run.add("a", .sent(secret))
        run.add("a", .refused(id: "p", code: "no_such_user", isFinal: true))
        #expect(run.breaches == (usesTokens ? [.refused: 1] : [:]))
    }

    // MARK: Presence

    /// `a.0` and `b` have been in the room for long when `a.1` enters it.
    private func second(told: Bool) -> HistoryBuilder {
        var run = HistoryBuilder("a.0", "b")
        run.pass(seconds: 30)
        run.history(adding: "a.1")
        run.add("a.1", .connecting(address: "here"))
        run.add("a.1", .connected(address: "here", instance: ""))
        run.enter("a.1")
        if told { run.add("b", .notice(room: "x-r", user: "x-a", isJoin: true)) }
        run.pass(seconds: 30)
        for name in ["a.0", "a.1", "b"] { run.add(name, .slow(.zero)) }
        return run
    }

    @Test func `The arrival of a second client is not told`() {
        #expect(second(told: false).breaches.isEmpty)
        #expect(second(told: true).breaches == [.falseNotice: 1])
    }

    @Test func `The departure of a client is told if it was the user's last`() {
        var run = second(told: false)
        run.add("a.0", .left(room: "x-r"))
        var falsely = run
        falsely.add("b", .notice(room: "x-r", user: "x-a", isJoin: false))
        falsely.pass(seconds: 30)
        for name in ["a.1", "b"] { falsely.add(name, .slow(.zero)) }
        #expect(falsely.breaches == [.falseNotice: 1])
        run.pass(seconds: 30)
        run.add("b", .slow(.zero))
        #expect(run.breaches.isEmpty)
        run.add("a.1", .left(room: "x-r"))
        var told = run
        told.add("b", .notice(room: "x-r", user: "x-a", isJoin: false))
        for _ in 0..<2 {
            run.pass(seconds: 10)
            told.pass(seconds: 10)
            run.add("b", .slow(.zero))
            told.add("b", .slow(.zero))
        }
        #expect(told.breaches.isEmpty)
        #expect(run.breaches == [.missingNotice: 1])
    }

    @Test func `Lists have a user once, and count users`() {
        var run = HistoryBuilder("a.0", "a.1", "b")
        run.history(adding: "reader", role: .reader)
        run.add("reader", .connected(address: "here", instance: ""))
        var wrong = run
        run.add("reader", .users(room: nil, ["x-a", "x-b", "x-reader"]))
        run.add("reader", .users(room: "x-r", ["x-a", "x-b"]))
        run.add("reader", .rooms(["x-r": 2]))
        #expect(run.breaches.isEmpty)
        wrong.add("reader", .users(room: nil, ["x-a", "x-a", "x-b", "x-reader"]))
        wrong.add("reader", .users(room: "x-r", ["x-a.0", "x-a.1", "x-b"]))
        wrong.add("reader", .rooms(["x-r": 3]))
        // A list that has clients instead of users lacks the user, and has names of nobody.
        #expect(wrong.breaches == [.wrongList: 4])
    }

    @Test func `A user with one client in the room is a member, wherever the others are`() {
        var run = HistoryBuilder("a.0", "a.1", "b")
        run.add("a.0", .left(room: "x-r"))
        run.add("a.1", .slow(.zero))
        run.history(adding: "reader", role: .reader)
        run.add("reader", .connected(address: "here", instance: ""))
        var wrong = run
        run.add("reader", .users(room: "x-r", ["x-a", "x-b"]))
        #expect(run.breaches.isEmpty)
        wrong.add("reader", .users(room: "x-r", ["x-b"]))
        #expect(wrong.breaches == [.wrongList: 1])
    }
}
