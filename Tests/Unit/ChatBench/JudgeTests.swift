import Testing

@testable import ChatBench

/// Histories in which exactly one thing is wrong, or looks wrong and is not.
@Suite struct JudgeTests {
    private let one = Sighting.of("a", 10)
    private let two = Sighting.of("a", 20)
    private let three = Sighting.of("a", 30)

    @Test func `a history without faults is sound`() {
        var run = HistoryBuilder("a", "b")
        run.say("a", one, to: "b")
        run.say("a", two, to: "b")
        run.read([one, two])
        let verdict = Judge().judge(run.history)
        #expect(verdict.isSound, "\(verdict.breaches.kept)")
        #expect(verdict.counts.sent == 2 && verdict.counts.acknowledged == 2 && verdict.counts.delivered == 2)
        #expect(verdict.ackLatency.p50 == .seconds(1) && verdict.deliveryLatency.max == .seconds(2))
    }

    @Test func `an acknowledged message that the log has not is lost`() {
        var run = HistoryBuilder("a", "b")
        run.say("a", one)
        run.say("a", two, to: "b")
        run.read([two])
        #expect(run.breaches == [.lost: 1])
    }

    @Test func `a message that is shown in another of Unicode's forms is altered`() {
        let sent = Sighting(
            message: Message(id: "m", place: .room("x-r"), sender: "x-a", content: "caf\u{E9}"), sequence: 10)
        for shown in [
            Message(id: "m", place: .room("x-r"), sender: "x-a", content: "cafe\u{301}"),
            Message(id: "m", place: .room("x-r"), sender: "x-a", content: "caf\u{E9} "),
        ] {
            var run = HistoryBuilder("a", "b")
            run.say("a", sent, to: "b")
            run.add("b", .shown(Sighting(message: shown, sequence: 10)))
            run.read([sent])
            #expect(run.breaches[.altered] == 1)
        }
    }

    @Test func `ids that differ in their bytes name several messages, and one that is lost is missed`() {
        let composed = Sighting.of("a", 10, id: "caf\u{E9}")
        let decomposed = Sighting.of("a", 20, id: "cafe\u{301}")
        var run = HistoryBuilder("a", "b")
        run.say("a", composed, to: "b")
        run.say("a", decomposed, to: "b")
        run.read([composed, decomposed])
        #expect(run.breaches == [:])
        #expect(Judge().judge(run.history).counts.sent == 2)
        // The second is taken for the first, and stored nowhere.
        var conflating = HistoryBuilder("a", "b")
        conflating.say("a", composed, to: "b")
        conflating.add("a", .sent(decomposed.message))
        conflating.read([composed])
        #expect(conflating.breaches == [.unsettled: 1])
    }

    @Test func `what the log gave up for its age or number is not lost`() {
        var run = HistoryBuilder("a", "b")
        run.say("a", one, to: "b")
        run.say("a", two, to: "b")
        run.read([two])
        var judge = Judge()
        judge.limits.retainedPerRoom = 1
        #expect(judge.judge(run.history).isSound)
    }

    @Test func `a message that one member was not shown is missed, before another and at the end`() {
        var run = HistoryBuilder("a", "b", "c")
        run.say("a", one, to: "c")
        run.say("a", two, to: "b")
        run.read([one, two])
        #expect(run.breaches == [.missed: 2])
    }

    @Test func `a message shown twice is a repeat`() {
        var run = HistoryBuilder("a", "b")
        run.say("a", one, to: "b", "b")
        run.read([one])
        #expect(run.breaches == [.repeated: 1])
    }

    @Test func `two messages that change places are out of order, and not missed`() {
        var run = HistoryBuilder("a", "b")
        run.say("a", one)
        run.say("a", two, to: "b")
        run.add("b", .shown(one))
        run.read([one, two])
        #expect(run.breaches == [.outOfOrder: 1])
    }

    @Test func `an acknowledgement behind a later message, or before an earlier one, is out of place`() {
        let theirs = Sighting.of("b", 20)
        var late = HistoryBuilder("a", "b")
        late.add("a", .sent(one.message))
        late.say("b", theirs, to: "a")
        late.ack("a", one)
        late.add("b", .shown(one))
        late.read([one, theirs])
        #expect(late.breaches == [.ackOutOfPlace: 2])

        var early = HistoryBuilder("a", "b")
        early.add("b", .sent(theirs.message))
        early.add("a", .sent(three.message))
        early.ack("a", three)
        early.add("a", .shown(theirs))
        early.ack("b", theirs)
        early.add("b", .shown(three))
        early.read([theirs, three])
        #expect(early.breaches == [.ackOutOfPlace: 1])
    }

    @Test func `a duplicate's acknowledgement may tell a place in a log that the client has not heard of`() {
        // Both clients read the old log, in which the place is another message's; the new one has it there.
        let stored = Sighting.of("a", 1, id: "stored")
        let earlier = Sighting.of("b", 1, id: "earlier")
        func resend(_ epoch: String) -> HistoryBuilder {
            var run = HistoryBuilder("a", "b")
            run.say("b", earlier, to: "a")
            run.add("a", .sent(stored.message))
            run.ack("a", stored, duplicate: true)
            run.enter("b", after: 1, epoch: epoch, head: 1, history: [stored], truncated: true)
            return run
        }
        #expect(resend("new").breaches[.disagreement] == nil)
        #expect(resend("e").breaches[.disagreement] != nil)
    }

    @Test func `a duplicate's acknowledgement may come at any time`() {
        let theirs = Sighting.of("b", 20)
        var run = HistoryBuilder("a", "b")
        run.add("a", .sent(one.message))
        run.say("b", theirs, to: "a")
        run.ack("a", one, duplicate: true)
        run.read([theirs])
        #expect(run.breaches == [.lost: 1])  // the log must have it all the same

        var stored = HistoryBuilder("a", "b")
        stored.add("a", .sent(one.message))
        stored.add("b", .shown(one))
        stored.say("b", theirs, to: "a")
        stored.ack("a", one, duplicate: true)
        stored.read([one, theirs])
        #expect(stored.breaches.isEmpty)
    }

    @Test func `clients that saw different messages in one place, or one in two, disagree`() {
        var run = HistoryBuilder("a", "b", "c")
        run.say("a", one, to: "b", "c")
        let other = Sighting.of("a", 20, id: "other")
        run.add("a", .sent(other.message))
        run.add("a", .sent(two.message))
        run.add("b", .shown(two))
        run.add("c", .shown(other))
        run.read([one, two])
        #expect(run.breaches[.disagreement] == 1)

        var renumbered = HistoryBuilder("a", "b")
        renumbered.say("a", one)
        renumbered.add("b", .shown(Sighting(message: one.message, sequence: 11)))
        renumbered.read([one])
        #expect(renumbered.breaches[.twoPlaces] == 1)
    }

    @Test func `a message in another room, altered, or from nobody is found`() {
        var strayed = HistoryBuilder("a", "b")
        strayed.say("a", one, to: "b")
        strayed.add("b", .shown(Sighting.of("a", 20, room: "x-q", id: "id10")))
        strayed.read([one])
        #expect(strayed.breaches == [.wrongRoom: 1])

        var altered = HistoryBuilder("a", "b")
        altered.say("a", one, to: "b")
        altered.add("a", .sent(two.message))
        let message = Message(id: "id20", place: .room("x-r"), sender: "x-a", content: "else")
        altered.ack("a", two)
        altered.add("b", .shown(Sighting(message: message, sequence: 20)))
        altered.read([one, two])
        #expect(altered.breaches[.altered] == 1)

        var invented = HistoryBuilder("a", "b")
        invented.add("b", .shown(one))
        #expect(invented.breaches == [.unknown: 1])
    }

    @Test func `a message after one has left the room is not for one's eyes`() {
        var run = HistoryBuilder("a", "b")
        run.add("b", .left(room: "x-r"))
        run.add("a", .notice(room: "x-r", user: "x-b", isJoin: false))
        run.say("a", one, to: "b")
        run.read([one])
        #expect(run.breaches == [.notMember: 1])
    }

    @Test func `history is a capped list of breaches, counted in full`() {
        var run = HistoryBuilder("a", "b")
        run.add("a", .sent(one.message))
        run.ack("a", one)
        for _ in 0..<30 { run.add("b", .shown(one)) }
        run.read([one])
        let breaches = Judge().judge(run.history).breaches
        #expect(breaches.counts == [.repeated: 29])
        #expect(breaches.kept.count == Breaches.keptPerKind)
    }
}
