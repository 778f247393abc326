import Testing
import Transport
import Wire

@testable import ChatClient

@Suite struct ReconnectingTests {
    private static let lost = ConnectionEnd.lost("")

    private func make(_ patience: Patience = .unlimited, others: [String] = []) -> Reconnecting {
        let route = Route(
            ServerAddress(host: "a", port: 1), others: others.map { ServerAddress(host: $0, port: 1) })
        return Reconnecting(route, patience: patience) { 1 }
    }

    /// With a connection since `now`.
    private func open(_ patience: Patience = .unlimited, at now: Duration = .zero) -> Reconnecting {
        var machine = make(patience)
        _ = machine.connect(at: now)
        _ = machine.upgraded(greetingWithin: Timing.greeting, at: now)
        machine.greeted(at: now)
        return machine
    }

    @Test func `From the start to a connection, and each phase has its deadline`() {
        var machine = make()
        #expect(machine.deadline == nil)
        let isConnecting = machine.connect(at: .zero)
        #expect(isConnecting)
        #expect(machine.attempt == Attempt(number: 1) && machine.deadline == Timing.connect)
        let isUpgraded = machine.upgraded(greetingWithin: .seconds(5), at: .seconds(1))
        #expect(isUpgraded)
        #expect(machine.deadline == .seconds(6) && !machine.isOpen)
        machine.greeted(at: .seconds(2))
        #expect(machine.isOpen && machine.wasEverOpen && machine.deadline == .seconds(2) + Timing.silence)
        machine.heard(at: .seconds(9))
        #expect(machine.deadline == .seconds(9) + Timing.silence)
    }

    @Test func `What does not belong to a phase changes nothing`() {
        var idle = make()
        var isTaken = idle.upgraded(greetingWithin: .seconds(5), at: .zero)
        #expect(!isTaken)
        idle.greeted(at: .zero)
        idle.heard(at: .zero)
        #expect(idle.ended(Self.lost, .init(), at: .zero) == .none)
        #expect(idle.phase == .idle && !idle.wasEverOpen)
        var open = open()
        let phase = open.phase
        isTaken = open.connect(at: .seconds(1)) || open.upgraded(greetingWithin: .seconds(5), at: .seconds(1))
        #expect(!isTaken)
        open.greeted(at: .seconds(1))
        #expect(open.phase == phase && open.attempt.number == 1)
        open.end()
        isTaken = open.connect(at: .zero) || open.close(.success, at: .zero) != nil
        #expect(!isTaken)
        #expect(open.ended(Self.lost, .init(), at: .zero) == .none && open.phase == .ended)
    }

    @Test func `A loss is waited out, and then tried again`() {
        var machine = open()
        #expect(
            machine.ended(Self.lost, .init(), at: .seconds(1)) == .wait(saying: "connection lost; retrying in 0.5 s"))
        #expect(machine.phase == .waiting(Outage(began: .seconds(1), failures: 1), until: .seconds(1.5)))
        #expect(machine.ended(Self.lost, .init(), at: .seconds(1)) == .none, "it is over already")
        let isConnecting = machine.connect(at: .seconds(1.5))
        #expect(isConnecting && machine.attempt == Attempt(number: 2))
    }

    @Test func `A short connection does not shorten the delays, but begins a new outage`() {
        var machine = make(.limited(.seconds(20)))
        _ = machine.connect(at: .zero)
        _ = machine.ended(.unreachable("no"), .init(), at: .seconds(12))
        _ = machine.connect(at: .seconds(13))
        _ = machine.upgraded(greetingWithin: .seconds(5), at: .seconds(13))
        machine.greeted(at: .seconds(13))
        _ = machine.ended(Self.lost, .init(), at: .seconds(14))
        #expect(machine.phase == .waiting(Outage(began: .seconds(14), failures: 1), until: .seconds(15)))
    }

    @Test func `The next address is tried without a pause, until all have failed`() {
        var machine = make(others: ["b"])
        _ = machine.connect(at: .zero)
        #expect(machine.deadline == Timing.connectOneOfSeveral)
        let words = "cannot connect to a:1: refused; trying b:1"
        #expect(machine.ended(.unreachable("refused"), .init(), at: .zero) == .connect(saying: words))
        #expect(machine.attempt.number == 2 && machine.route.address.host == "b")
        guard case .wait = machine.ended(.unreachable("refused"), .init(), at: .zero) else {
            Issue.record("\(machine.phase)")
            return
        }
        _ = machine.connect(at: .seconds(1))
        #expect(machine.deadline == .seconds(1) + Timing.connect, "they may only be slow")
    }

    @Test func `An announced return is no failure, comes when it was asked for, and goes elsewhere`() {
        var machine = make(others: ["b"])
        _ = machine.connect(at: .zero)
        _ = machine.upgraded(greetingWithin: .seconds(5), at: .zero)
        machine.greeted(at: .zero)
        let words = "the server asked us to come back; reconnecting in 3.0 s"
        let circumstances = Reconnecting.Circumstances(comeBackAt: .seconds(4))
        #expect(machine.ended(.closed(.goingAway, reason: ""), circumstances, at: .seconds(1)) == .wait(saying: words))
        #expect(machine.phase == .waiting(Outage(began: .seconds(4)), until: .seconds(4)))
        #expect(machine.route.address.host == "b")
    }

    @Test func `Where nothing is left to do nobody comes back, unless the server was never there`() {
        let circumstances = Reconnecting.Circumstances(isDone: true)
        var machine = open()
        #expect(machine.ended(Self.lost, circumstances, at: .zero) == .stop(.success, saying: "connection lost"))
        var never = make()
        _ = never.connect(at: .zero)
        guard case .wait = never.ended(Self.lost, circumstances, at: .zero) else {
            Issue.record("\(never.phase)")
            return
        }
    }

    @Test func `Patience ends with the time that was given, or with as many failures`() {
        var impatient = make(.limited(.seconds(3)))
        _ = impatient.connect(at: .zero)
        #expect(impatient.deadline == .seconds(3))
        #expect(
            impatient.ended(.unreachable("no"), .init(), at: .seconds(3))
                == .stop(.unreachable, saying: "cannot connect to a:1: no; giving up"))
        var counting = make(.limited(nil))
        var failures = 0
        while counting.connect(at: .zero) {
            failures += 1
            if case .stop = counting.ended(.unreachable("no"), .init(), at: .zero) { break }
        }
        #expect(failures == Timing.attempts)
    }

    @Test func `A name that is taken is waited for only by those who had it and have no secret`() {
        let taken = ConnectionEnd.closed(.usernameTaken, reason: "")
        let refusal = Reconnecting.Step.stop(.refused, saying: "the server refused: username already exists")
        var first = make()
        _ = first.connect(at: .zero)
        #expect(first.ended(taken, .init(), at: .zero) == refusal)
        var again = open()
        _ = again.ended(Self.lost, .init(), at: .zero)
        _ = again.connect(at: .seconds(1))
        var secret = again
        #expect(secret.ended(taken, .init(hasSecret: true), at: .seconds(1)) == refusal)
        guard case .wait = again.ended(taken, .init(), at: .seconds(1)) else {
            Issue.record("\(again.phase)")
            return
        }
        _ = again.connect(at: .seconds(31))
        #expect(again.ended(taken, .init(), at: .seconds(31)) == refusal)
        var current = open()
        #expect(
            current.ended(taken, .init(), at: .seconds(9))
                == .stop(
                    .refused,
                    saying: "the server closed the connection: the name was taken over by another connection"))
    }

    @Test func `Goodbye is said once, and where somebody hears it`() {
        var idle = make()
        #expect(idle.close(.success, at: .zero) == .unneeded)
        var connecting = make()
        _ = connecting.connect(at: .zero)
        #expect(connecting.close(.success, at: .zero) == .abandon)
        var open = open()
        #expect(open.close(.terminate, at: .zero) == .close)
        #expect(open.isEnding && open.deadline == Timing.close)
        #expect(open.close(.success, at: .zero) == nil)
        #expect(open.ended(Self.lost, .init(), at: .zero) == .stop(.terminate, saying: nil))
    }
}
