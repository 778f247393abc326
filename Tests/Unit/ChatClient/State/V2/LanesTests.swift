import Testing

@testable import ChatClient

@Suite struct LanesTests {
    private var live: RoomReadings {
        var rooms = RoomReadings()
        rooms["a"].stay(true)
        rooms["b"].stay(true)
        return rooms
    }

    private var home: Homecoming {
        var homecoming = Homecoming(to: "a", then: [], isReturn: false)
        _ = homecoming.goOn()
        homecoming.inboxIsBack()
        return homecoming
    }

    private func outbox(_ requests: [Request]) -> Outbox {
        var outbox = Outbox()
        for (index, request) in requests.enumerated() { outbox.append(Outgoing(request, line: "", id: "\(index)")) }
        return outbox
    }

    /// The ids of those that go out before any answer, in that order.
    private func sent(_ requests: [Request], _ lanes: Lanes = Lanes()) -> [String] {
        var outbox = outbox(requests)
        var sent: [String] = []
        while let index = lanes.next(of: outbox, in: live, after: home), let taken = outbox.take(at: index, .zero) {
            sent.append(taken.item.id)
        }
        return sent
    }

    @Test(
        arguments: [
            (
                [.say("1", room: "a"), .say("2", room: "a"), .say("3", room: "b"), .tell("4", to: "bob")],
                ["0", "2", "3"]
            ),
            ([.say("1", room: "a"), .join("b"), .say("2", room: "b")], ["0"]),
            ([.join("b"), .say("1", room: "b"), .users(room: nil, after: nil), .tell("2", to: "bob")], ["0", "3"]),
            ([.say("1", room: "elsewhere"), .users(room: nil, after: nil), .rooms(after: nil)], ["1"]),
            ([.users(room: nil, after: nil), .history(room: "a", count: 5), .part("b")], ["0", "2"]),
        ] as [([Request], [String])])
    func `A line overtakes nothing that it depends on`(requests: [Request], ids: [String]) {
        #expect(sent(requests) == ids)
    }

    @Test func `Where the server failed nothing goes out before a delay, which grows`() {
        var lanes = Lanes()
        lanes.hold(.room("a"), atLeast: .zero, random: 1, at: .zero)
        #expect(sent([.say("1", room: "a"), .say("2", room: "b")], lanes) == ["1"])
        #expect(lanes.deadline == Backoff.first && lanes.due(at: .zero).isEmpty)
        #expect(lanes.due(at: Backoff.first) == [.room("a")])
        lanes.tryAgain(.room("a"))
        #expect(sent([.say("1", room: "a")], lanes) == ["0"])
        lanes.hold(.room("a"), atLeast: .zero, random: 1, at: .zero)
        #expect(lanes.deadline == Backoff.first * 2)
        lanes.succeeded(.room("a"))
        lanes.hold(.room("a"), atLeast: .seconds(9), random: 1, at: .zero)
        #expect(lanes.deadline == .seconds(9))
    }

    @Test func `Before the rooms and the inbox are back only questions are asked`() {
        let homecoming = Homecoming(to: "a", then: [], isReturn: true)
        let outbox = outbox([.tell("1", to: "bob"), .join("b"), .users(room: nil, after: nil)])
        #expect(
            Lanes().next(of: outbox, in: live, after: homecoming) == nil, "the question is about what the move does")
        let questions = self.outbox([.tell("1", to: "bob"), .users(room: nil, after: nil)])
        #expect(Lanes().next(of: questions, in: live, after: homecoming) == 1)
    }
}
