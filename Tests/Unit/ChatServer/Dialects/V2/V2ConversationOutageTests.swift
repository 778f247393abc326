import Domain
import NIOCore
import NIOEmbedded
import Service
import Testing
import Wire

@testable import ChatServer
@testable import SteppedService

/// Messages that are not stored, pages that cannot be read, and a log that is another one.
struct V2ConversationOutageTests {
    private let edge = EmbeddedEdge()

    private func live(_ name: String) throws -> EmbeddedClient {
        let client = try edge.connectV2("username=\(name)")
        try client.ask(.joinRoom(V2Join(room: "global", history: 0)))
        edge.turn()
        #expect(try client.v2().map(\.event.type) == ["welcome", "joined", "history"])
        return client
    }

    private func words(_ client: EmbeddedClient) throws -> [String] { try client.frames().map(\.words) }

    @Test func `a message that is not stored is refused, and what was said after it in the room is not handed on`()
        throws
    {
        let client = try live("alice")
        try client.ask(.joinRoom(V2Join(room: "dev", history: 0, stay: true)))
        edge.turn()
        _ = try client.v2()
        edge.chat.log.refuseAppends()
        try client.ask(.chatMessage(content: "one", room: "global", id: nil), ref: "1")
        edge.chat.log.refuseAppends(false)
        // Waits for the presence store, and with it all that comes behind.
        try client.ask(.listRooms(), ref: "2")
        try client.ask(.chatMessage(content: "two", room: "global", id: nil), ref: "3")
        try client.ask(.chatMessage(content: "else", room: "dev", id: "d"), ref: "4")
        try client.ask(.chatMessage(content: "three", room: "global", id: nil), ref: "5")
        edge.chat.log.letOutcomeThrough()
        edge.eventLoop.run()
        #expect(try words(client) == ["1:error unavailable", "3:error unavailable", "5:error unavailable"])
        edge.turn()
        #expect(try words(client) == ["2:room_list", "4:ack d 1"])
        #expect(edge.chat.log.retained(.room(.global)).isEmpty)
        // Later ones are taken again.
        try client.ask(.chatMessage(content: "four", room: "global", id: "g"), ref: "6")
        edge.turn()
        #expect(try words(client) == ["6:ack g 2"])
    }

    @Test func `a message that can never be stored is refused alone: what was said after it is handed on`() throws {
        let client = try live("alice")
        edge.chat.log.refuseAppends(ChatError(.messageTooLong, "none of this size"))
        try client.ask(.chatMessage(content: "long", room: nil, id: "a"), ref: "1")
        edge.chat.log.refuseAppends(nil)
        // Waits for the presence store, and with it what comes behind.
        try client.ask(.listRooms(), ref: "2")
        try client.ask(.chatMessage(content: "short", room: nil, id: "b"), ref: "3")
        edge.chat.log.letOutcomeThrough()
        edge.eventLoop.run()
        #expect(try words(client) == ["1:error message_too_long"])
        edge.turn()
        #expect(try words(client) == ["2:room_list", "3:ack b 1"])
    }

    @Test func `who leaves a room leaves it after what was said there`() throws {
        let client = try live("alice")
        try client.ask(.chatMessage(content: "bye", room: nil, id: "m"), ref: "1")
        try client.ask(.joinRoom(V2Join(room: "dev", history: 0)), ref: "2")
        edge.chat.executor.settle()
        #expect(try words(client) == [])
        edge.turn()
        #expect(try words(client) == ["1:ack m 1", "2:joined dev 1 last 0", "history dev []"])
    }

    @Test func `a room left while one's message is on its way has it acknowledged all the same`() throws {
        let client = try live("alice")
        try client.ask(.chatMessage(content: "bye", room: nil, id: "m"), ref: "1")
        // The log's word, and no live copy of it.
        edge.chat.log.letOutcomeThrough()
        edge.chat.log.loseCopy()
        edge.turn()
        #expect(try words(client) == [])
        try client.ask(.joinRoom(V2Join(room: "dev", history: 0)), ref: "2")
        edge.turn()
        #expect(try words(client) == ["1:ack m 1", "2:joined dev 1 last 0", "history dev []"])
    }

    @Test func `an acknowledgement whose live copy is lost comes when the log has filled the hole`() throws {
        edge.chat.run()
        let client = try live("alice")
        try client.ask(.chatMessage(content: "mine", room: nil, id: "m"), ref: "1")
        edge.chat.log.loseCopy()
        edge.turn()
        #expect(try words(client) == [])
        edge.chat.store("next")
        edge.turn()
        #expect(try words(client) == ["1:ack m 1", "2 zoe: next"])
    }

    @Test func `while the log cannot be read a room is not shown, and what can be asked for again is refused`() throws {
        let client = try edge.connectV2("username=alice")
        edge.turn()
        _ = try client.v2()
        edge.chat.log.refuseReads()
        try client.ask(.joinRoom(V2Join(room: "global")), ref: "1")
        try client.ask(.history(room: "global", .latest, limit: 5), ref: "2")
        try client.ask(.inbox(resume: nil, limit: nil), ref: "3")
        edge.turn()
        #expect(try words(client) == ["1:error unavailable", "2:error unavailable", "3:error unavailable"])
        edge.chat.log.refuseReads(false)
        edge.chat.store("hello")
        try client.ask(.joinRoom(V2Join(room: "global")), ref: "4")
        edge.turn()
        #expect(try words(client) == ["4:joined global 1 last 1", "history global [1]"])
    }

    @Test func `a page that cannot be read is read later, and nothing is lost with it`() throws {
        for number in 1...1300 { edge.chat.store("\(number)") }
        let client = try edge.connectV2("username=alice")
        edge.turn()
        _ = try client.v2()
        edge.chat.log.reading.close()
        try client.ask(.joinRoom(V2Join(room: "global", resume: V2Position(after: 0, epoch: "epoch-1"))))
        edge.turn()
        // The window; the first page is older.
        edge.chat.log.reading.letThrough()
        edge.turn()
        #expect(try words(client) == ["joined global 1 last 1300"])
        edge.chat.log.refuseReads()
        edge.chat.log.reading.open()
        edge.turn()
        #expect(try words(client) == [])
        edge.chat.log.refuseReads(false)
        edge.turn()
        #expect(try words(client) == [])
        edge.eventLoop.advanceTime(by: .milliseconds(500))
        edge.turn()
        #expect(try client.frames().flatMap(\.sequences) == Array(1...1300))
    }

    // MARK: Another log

    @Test func `who reads a log that is another one is shown nothing more, and told to come back`() throws {
        let reader = try live("alice")
        let other = try edge.connectV2("username=bob")
        edge.turn()
        _ = try (reader.v2(), other.v2())
        try reader.ask(.chatMessage(content: "pending", room: nil, id: "m"), ref: "r")
        edge.chat.log.renew()
        edge.chat.store("new")
        edge.turn()
        #expect(try words(reader) == ["reconnect in 0 ms: the history begins anew", "close 1012"])
        // Who reads nothing of it need not go.
        #expect(try words(other) == [])
        #expect(other.channel.isActive)
        try other.ask(.joinRoom(V2Join(room: "global")))
        edge.chat.run()
        edge.turn()
        // The other one may still come back.
        #expect(try words(other) == ["joined global 2 last 1", "history global [1]"])
    }

    @Test func `many who are told to come back are told different times`() throws {
        let readers = try ["alice", "bob", "carol"].map(live)
        edge.turn()
        for reader in readers { _ = try reader.v2() }
        edge.chat.log.renew()
        edge.turn()
        let atOnce = try readers.map(words)
        edge.eventLoop.advanceTime(by: .milliseconds(20))
        let all = try zip(atOnce, readers).map { $0 + (try words($1)) }
        #expect(atOnce.filter { $0.contains("close 1012") }.count == 1)
        #expect(
            Set(all) == Set([0, 10, 20].map { ["reconnect in \($0) ms: the history begins anew", "close 1012"] }))
    }

    @Test func `a message that the log puts where the reading has been is acknowledged only if the log is the same`()
        throws
    {
        let client = try live("alice")
        for number in 1...3 { edge.chat.store("\(number)") }
        edge.turn()
        _ = try client.v2()
        // Nobody has noticed that the log is another one, in which this message has number 1.
        edge.chat.log.renew(isTold: false)
        try client.ask(.chatMessage(content: "mine", room: nil, id: "m"), ref: "r")
        edge.turn()
        let frames = try words(client)
        #expect(!frames.contains { $0.hasPrefix("r:ack") })
        #expect(frames.contains("reconnect in 0 ms: the history begins anew"))
    }

    @Test func `an answer of the log's holds for what was in doubt when it was asked for`() throws {
        let client = try live("alice")
        for number in 1...3 { edge.chat.store("\(number)") }
        edge.turn()
        _ = try client.v2()
        edge.chat.log.renew(isTold: false)
        // The second comes into doubt while the question about the first is under way.
        for name in ["a", "b"] {
            try client.ask(.chatMessage(content: name, room: nil, id: name), ref: name)
            edge.chat.log.letOutcomeThrough()
            edge.eventLoop.run()
        }
        edge.chat.log.refuseReads()
        edge.chat.executor.settle()
        edge.chat.log.refuseReads(false)
        edge.eventLoop.run()
        #expect(try words(client) == ["a:error unavailable"])
        edge.turn()
        #expect(try words(client) == ["reconnect in 0 ms: the history begins anew", "close 1012"])
    }
}
