import Testing

@testable import ChatClient
@testable import TestSupport

@Suite struct OutboxTests {
    private func message(_ id: String, _ content: String = "hi") -> Outgoing {
        Outgoing(.say(content, room: "global"), line: content, id: id)
    }

    private func outbox(_ ids: [String]) -> Outbox {
        var outbox = Outbox()
        for id in ids { outbox.append(message(id)) }
        return outbox
    }

    private func take(_ count: Int, from outbox: inout Outbox) -> [Int] {
        (0..<count).compactMap { _ in outbox.take(.zero)?.number }
    }

    @Test func `What was in flight when the connection ended comes first, in its order, and may have been read`() {
        var outbox = outbox(["a", "b", "c"])
        _ = take(2, from: &outbox)
        outbox.connectionEnded(isUncertain: true)
        #expect(outbox.items.map(\.id) == ["a", "b", "c"])
        #expect(outbox.items.map(\.isUncertain) == [true, true, false])
        #expect(outbox.items.allSatisfy { $0.sentAt == nil })
        #expect(outbox.removeUncertain().map(\.id) == ["a", "b"])
    }

    @Test func `The doubt about a line stays with it, whatever becomes of later tries`() {
        var outbox = outbox(["a"])
        for isUncertain in [true, false] {
            for number in take(1, from: &outbox) { outbox.putBack(number, isUncertain: isUncertain) }
        }
        #expect(outbox.items.map(\.isUncertain) == [true])
    }

    @Test func `A line is settled by its number or its id, and once`() {
        var outbox = outbox(["a", "b", "c"])
        let numbers = take(2, from: &outbox)
        #expect(outbox.settle(id: "a")?.id == "a")
        #expect(outbox.settle(numbers[0]) == nil)
        #expect(outbox.settle(numbers[1])?.id == "b")
        #expect(outbox.settle(id: "c")?.id == "c", "it waited, for the server had it before")
        #expect(outbox.isEmpty)
    }

    @Test func `The window holds so many lines, or so many bytes`() {
        var many = outbox((0..<Outbox.capacity).map { "\($0)" })
        #expect(many.isFull)
        #expect(take(Outbox.capacity, from: &many).count == Outbox.window)
        var large = Outbox()
        for id in 0..<8 { large.append(message("\(id)", String(repeating: "x", count: Outbox.windowBytes / 2))) }
        let numbers = take(8, from: &large)
        #expect(numbers.count == 2)
        _ = large.settle(numbers[0])
        #expect(take(8, from: &large).count == 1)
    }

    @Test func `During a pause nothing goes out; an interval is a pause after each line`() {
        var outbox = outbox(["a", "b"])
        outbox.pacing.keep(.seconds(2))
        outbox.pacing.pause(until: .seconds(1))
        #expect(outbox.take(.zero) == nil)
        outbox.pacing.advance(to: .seconds(1))
        #expect(outbox.take(.seconds(1))?.item.id == "a")
        outbox.pacing.sent(at: .seconds(1))
        #expect(outbox.take(.seconds(2)) == nil)
        outbox.connectionEnded(isUncertain: true)
        #expect(outbox.take(.seconds(2))?.item.id == "a", "the next server knows of no pause")
    }

    @Test func `Drained it is when all is settled, or nobody waits any longer`() {
        var outbox = outbox(["a"])
        #expect(!outbox.isDrained(at: .zero))
        outbox.drain(until: .seconds(2))
        #expect(outbox.isDraining && !outbox.isDrained(at: .seconds(1)))
        #expect(outbox.isDrained(at: .seconds(2)))
        _ = outbox.settle(id: "a")
        #expect(outbox.isDrained(at: .zero))
        var open = Outbox()
        #expect(!open.isDrained(at: .zero), "more may come")
        open.drain()
        #expect(open.isDrained(at: .zero))
    }

    @Test func `Lines in front of the next change of room can be taken out`() {
        var outbox = outbox(["a", "b"])
        outbox.append(Outgoing(.join("dev"), line: "/join dev", id: "c"))
        outbox.append(message("d"))
        #expect(outbox.leads(to: "dev") && outbox.destination == "dev")
        #expect(outbox.removeBeforeNextMove { $0.id != "b" }.map(\.id) == ["a"])
        #expect(outbox.items.map(\.id) == ["b", "c", "d"])
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `Whatever happens, each line is in one place, or was handed out once`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var outbox = Outbox()
        var appended: [String] = []
        var handedOut: [String] = []
        var numbers: [Int] = []
        for step in 0..<300 {
            let number = numbers.randomElement(using: &random) ?? 0
            switch random.next() % 12 {
            case 0..<4:
                appended.append("m\(step)")
                let isMove = random.next() % 5 == 0
                let request = isMove ? Request.join("dev") : .say("hi", room: "global")
                outbox.append(Outgoing(request, line: "hi", id: "m\(step)"))
            case 4..<7:
                let index = Int(random.next() % UInt64(outbox.waiting.count + 1))
                if let taken = outbox.take(at: index, .zero) { numbers.append(taken.number) }
            case 7: outbox.settle(number).map { handedOut.append($0.id) }
            case 8: outbox.settle(id: appended.randomElement(using: &random) ?? "").map { handedOut.append($0.id) }
            case 9: outbox.putBack(number, isUncertain: random.next() % 2 == 0)
            case 10: outbox.connectionEnded(isUncertain: random.next() % 2 == 0)
            default:
                if random.next() % 4 == 0 { handedOut += outbox.removeUncertain().map(\.id) }
                let isWanted = random.next() % 2 == 0
                handedOut += outbox.removeBeforeNextMove { _ in isWanted }.map(\.id)
            }
            let all = outbox.items.map(\.id) + handedOut
            #expect(all.count == appended.count && Set(all) == Set(appended), "after \(step + 1) steps")
            #expect(Set(numbers).count == numbers.count && outbox.inFlight.count <= Outbox.window)
            #expect(outbox.waiting.allSatisfy { $0.sentAt == nil })
        }
    }
}
