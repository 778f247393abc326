import Testing

@testable import ChatBench

/// What a resume, a gap, a new epoch and the end of a run owe to a client.
@Suite struct JudgeResumeTests {
    private let one = Sighting.of("a", 10)
    private let two = Sighting.of("a", 20)
    private let three = Sighting.of("a", 30)

    /// `b` sees the first message, and is cut off during the second and third.
    private func cutOff() -> HistoryBuilder {
        var run = HistoryBuilder("a", "b")
        run.say("a", one, to: "b")
        run.lose("b")
        run.say("a", two)
        run.say("a", three)
        run.add("b", .connected(address: "there", instance: ""))
        return run
    }

    @Test func `a resume that brings everything is sound`() {
        var run = cutOff()
        run.enter("b", after: 10, head: 30, history: [two, three])
        run.read([one, two, three])
        #expect(run.breaches.isEmpty)
    }

    @Test func `a resume that leaves something out has a hole`() {
        var run = cutOff()
        run.enter("b", after: 10, head: 30, history: [three])
        run.read([one, two, three])
        #expect(run.breaches == [.hole: 1])
    }

    @Test func `a resume that leaves the end out is found when nothing more comes`() {
        var run = cutOff()
        run.enter("b", after: 10, head: 30, history: [two])
        run.read([one, two, three])
        #expect(run.breaches == [.missed: 1])
    }

    @Test func `a resume repeats nothing`() {
        var run = cutOff()
        run.enter("b", after: 10, head: 30, history: [one, two, three])
        run.read([one, two, three])
        #expect(run.breaches == [.repeated: 1])
    }

    @Test func `what a resume declares as truncated is not missed, but what is left is shown whole`() {
        var run = cutOff()
        run.enter("b", after: 10, head: 30, history: [three], truncated: true)
        run.read([one, two, three])
        #expect(run.breaches.isEmpty)
    }

    @Test func `another epoch begins anew`() {
        let verdict = Judge().judge(epochChange(declared: true).history)
        #expect(verdict.isSound, "\(verdict.breaches.kept)")
        #expect(verdict.counts.epochChanges == 2 && verdict.counts.truncated == 2)
    }

    /// `b` resumes into another epoch; the first message stands in the old one only.
    private func epochChange(declared: Bool) -> HistoryBuilder {
        var run = cutOff()
        let first = Sighting.of("a", 1, id: "first")
        run.enter("b", after: 10, epoch: "f", head: 1, history: [first], truncated: declared)
        run.lose("a")
        run.add("a", .connected(address: "there", instance: ""))
        run.enter("a", after: 30, epoch: "f", head: 0, truncated: true)
        run.add("a", .sent(first.message))
        run.ack("a", first)
        run.read([first], epoch: "f")
        return run
    }

    @Test func `another epoch has to be declared to who resumes into it`() {
        #expect(epochChange(declared: true).breaches.isEmpty)
        #expect(epochChange(declared: false).breaches == [.undeclared: 1])
    }

    @Test func `a log that has gone back has to be declared, too`() {
        var run = HistoryBuilder("a", "b")
        run.say("a", one, to: "b")
        run.lose("b")
        run.add("b", .connected(address: "there", instance: ""))
        run.enter("b", after: 10, head: 5)
        #expect(run.breaches[.undeclared] == 1)
    }

    @Test func `who is left in an earlier epoch to the end was not told of the next one`() {
        var run = HistoryBuilder("a", "b")
        run.say("a", one, to: "b")
        run.read([], epoch: "f")
        #expect(run.breaches == [.undeclared: 2])

        var gone = HistoryBuilder("a")
        gone.say("a", one)
        gone.add("a", .disconnected(Disconnection(cause: .quit, address: "here", words: "")))
        gone.read([], epoch: "f")
        #expect(gone.breaches.isEmpty)
    }

    @Test func `an inbox of another epoch has to be declared`() {
        for (declared, expected) in [(true, [:]), (false, [Breach.Kind.undeclared: 1])] {
            var run = HistoryBuilder("a")
            let page = Page(room: "", epoch: "f", messages: [], more: false, truncated: declared)
            run.add("a", .inbox(page, after: 5, epoch: "e"))
            #expect(run.breaches == expected)
        }
    }

    @Test func `own messages come in a resume, too, unless they were acknowledged`() {
        var run = HistoryBuilder("a", "b")
        run.add("a", .sent(one.message))
        run.lose("a")
        run.add("b", .shown(one))
        run.add("a", .connected(address: "there", instance: ""))
        var silent = run
        run.enter("a", after: 0, head: 10, history: [one])
        run.read([one])
        #expect(run.breaches.isEmpty)
        silent.enter("a", after: 0, head: 10)
        silent.read([one])
        #expect(silent.breaches == [.missed: 1, .unsettled: 1])
    }

    @Test func `a first history that is shorter than asked has a hole`() {
        var run = HistoryBuilder("a")
        run.say("a", one)
        run.say("a", two)
        run.history(adding: "b")
        run.add("b", .connected(address: "here", instance: ""))
        run.enter("b", head: 20, history: [two])
        run.read([one, two])
        #expect(run.breaches == [.hole: 1])
    }

    @Test func `a gap excuses what is gone, and nothing that the log still has`() {
        var gone = HistoryBuilder("a", "b")
        gone.say("a", one, to: "b")
        gone.add("a", .sent(two.message))
        gone.add("b", .gap(room: "x-r", after: 10, before: 30))
        gone.say("a", three, to: "b")
        gone.read([one, three])
        #expect(gone.breaches == [.unsettled: 1])  // the second was never acknowledged

        var there = HistoryBuilder("a", "b")
        there.say("a", one, to: "b")
        there.say("a", two)
        there.add("b", .gap(room: "x-r", after: 10, before: 30))
        there.say("a", three, to: "b")
        there.read([one, two, three])
        #expect(there.breaches == [.falseGap: 1])
    }

    @Test func `who is cut off at the end is not back, and who said goodbye need not be`() {
        var run = HistoryBuilder("a", "b")
        run.say("a", one, to: "b")
        run.add("b", .disconnected(Disconnection(cause: .quit, address: "here", words: "")))
        run.lose("a")
        run.read([one])
        #expect(run.breaches == [.unsettled: 1])
    }

    @Test func `a page is held against the log in both directions`() {
        var run = HistoryBuilder("a", "b")
        for sighting in [one, two, three] { run.say("a", sighting, to: "b") }
        func page(_ messages: [Sighting], more: Bool, _ direction: PageRequest.Direction, from: UInt64) -> Event {
            .paged(
                Page(room: "x-r", epoch: "e", messages: messages, more: more, truncated: false),
                PageRequest(direction: direction, from: from, limit: 2, cursor: 30))
        }
        run.add("b", page([two, three], more: true, .before, from: 31))
        run.add("b", page([one, two], more: true, .after, from: 0))
        run.add("b", page([three], more: false, .after, from: 20))
        var sound = run
        sound.read([one, two, three])
        #expect(sound.breaches.isEmpty)
        run.add("b", page([one, three], more: false, .before, from: 31))
        run.add("b", page([two], more: false, .before, from: 30))
        run.add("b", page([three], more: false, .after, from: 10))
        run.add("b", page([three, two], more: false, .after, from: 10))
        run.add("b", page([three], more: false, .before, from: 30))
        run.read([one, two, three])
        #expect(run.breaches == [.wrongPage: 5])
    }
}
