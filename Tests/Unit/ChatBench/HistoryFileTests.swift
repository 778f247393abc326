import Foundation
import Testing

@testable import ChatBench

@Suite struct HistoryFileTests {
    /// One of each event.
    private var history: History {
        let sighting = Sighting.of("a", 10)
        let page = Page(room: "x-r", epoch: "e", messages: [sighting], more: true, truncated: true)
        let events: [Event] = [
            .connecting(address: "h:1"), .connected(address: "h:1", instance: "i"),
            .disconnected(Disconnection(cause: .nameTaken, address: "h:1", words: "“no”")), .ready,
            .sent(sighting.message), .sent(Message(id: "p", place: .user("x-b"), sender: "x-a", content: "")),
            .acked(Acknowledgement(id: "id10", room: "x-r", sequence: .max, isDuplicate: true)),
            .acked(Acknowledgement(id: "p", room: nil, sequence: 1, isDuplicate: false)),
            .refused(id: "id10", code: "unavailable", isFinal: false),
            .entered(
                Entrance(
                    room: "x-r", after: 3, askedEpoch: "d", history: 50, keepsOthers: true, lastSequence: 9, epoch: "e")
            ),
            .entering(room: "x-r"), .leaving(room: "x-r"), .left(room: "x-r"), .shown(sighting), .recovered(page),
            .paged(page, PageRequest(direction: .before, from: 5, limit: 7, cursor: 9)),
            .gap(room: "x-r", after: 1, before: 3), .inbox(page, after: 4, epoch: "e"),
            .inbox(page, after: nil, epoch: nil), .whispered(sighting),
            .notice(room: "x-r", user: "x-b", isJoin: true), .merged(room: "x-r", joined: 1, left: 2),
            .users(room: nil, ["x-a"]), .users(room: "x-r", []), .rooms(["x-r": 2]),
            .overheard(room: "x-r", sender: "x-b", content: "hi"), .slow(.milliseconds(3)), .unexpected("what"),
        ]
        var log = ClientLog(name: "x-a", role: .member)
        for event in events { log.append(event, at: Moment(nanoseconds: 5)) }
        return History(run: "x", clients: [log, ClientLog(name: "x-c", role: .classic)])
    }

    private func file(_ history: History) -> Data {
        var data = Data()
        history.write { data.append(contentsOf: $0) }
        return data
    }

    @Test func `a history is read as it was written`() throws {
        #expect(try History(ndjson: file(history)) == history)
    }

    @Test func `a history of users with several clients and tokens is read as it was written`() throws {
        var history = history
        history.usesTokens = true
        history.clients.append(ClientLog(name: "x-d.1", user: "x-d", role: .member))
        #expect(try History(ndjson: file(history)) == history)
    }

    @Test func `events of all clients stand in the order of their times`() throws {
        var run = HistoryBuilder("a", "b")
        run.say("a", .of("a", 10), to: "b")
        let times = String(decoding: file(run.history), as: UTF8.self).split(separator: "\n").compactMap { line in
            line.firstMatch(of: /"t":(\d+)/).flatMap { Int($0.output.1) }
        }
        #expect(times == [0, 0] + (1...11).map { $0 * 1_000_000_000 })
    }

    @Test func `a last line that was cut off is left out`() throws {
        #expect(try History(ndjson: file(history).dropLast(5)).clients[0].entries.count == 27)
    }

    @Test(arguments: [
        "", "{}", "no\n", #"{"format":"other","run":"x"}"# + "\n",
        #"{"format":"chat-bench history 1","run":"x"}"# + "\n" + #"{"t":1,"client":0,"event":"ready"}"# + "\n",
    ])
    func `what is no history is refused with its line`(_ text: String) {
        #expect(throws: HistoryProblem.self) { try History(ndjson: Data(text.utf8)) }
    }
}
