import Domain
import NIOEmbedded
import Testing
import Wire

@testable import ChatServer

struct ConnectionLoopTests {
    private let edge = EmbeddedEdge()
    private let dev: RoomName

    init() throws { dev = try RoomName("dev") }

    @Test func `what has gathered in a tick is one write to each member`() throws {
        let clients = try edge.members(3, of: dev)
        for text in ["a", "b", "c"] { edge.deliver(text, to: dev) }
        edge.eventLoop.run()
        for client in clients { #expect(try client.writes() == [[.text("a"), .text("b"), .text("c")]]) }
        #expect(edge.count("chat_deliveries_total") == 9)
    }

    @Test func `senders are not shown their own, whoever else spoke in the same tick`() throws {
        let clients = try edge.members(3, of: dev)
        edge.deliver("a", to: dev, except: clients[0])
        edge.deliver("b", to: dev, except: clients[1])
        edge.deliver("c", to: dev, except: clients[0])
        edge.deliver("d", to: dev)
        edge.eventLoop.run()
        #expect(try clients[0].texts() == ["b", "d"])
        #expect(try clients[1].texts() == ["a", "c", "d"])
        #expect(try clients[2].texts() == ["a", "b", "c", "d"])
        // The mark is gone with the batch.
        edge.deliver("e", to: dev)
        edge.eventLoop.run()
        for client in clients { #expect(try client.texts() == ["e"]) }
    }

    @Test func `a sender alone in its batch is written nothing`() throws {
        let clients = try edge.members(2, of: dev)
        edge.deliver("a", to: dev, except: clients[0])
        edge.eventLoop.run()
        #expect(try clients[0].writes() == [])
        #expect(try clients[1].texts() == ["a"])
    }

    @Test func `a sender who has left the room meanwhile gets nothing of it, and others get all`() throws {
        let clients = try edge.members(2, of: dev)
        clients[0].connection.exit(dev)
        edge.deliver("a", to: dev, except: clients[0])
        edge.deliver("b", to: dev)
        edge.eventLoop.run()
        #expect(try clients[0].texts() == [])
        #expect(try clients[1].texts() == ["a", "b"])
    }

    @Test func `who comes hears what comes after, who goes heard what came before`() throws {
        let clients = try edge.members(1, of: dev)
        let late = try edge.connect()
        edge.deliver("before", to: dev)
        edge.enter(late, dev)
        edge.deliver("between", to: dev)
        clients[0].connection.exit(dev)
        edge.deliver("after", to: dev)
        edge.eventLoop.run()
        #expect(try clients[0].texts() == ["before", "between"])
        #expect(try late.texts() == ["entered dev", "between", "after"])
    }

    @Test func `an answer does not overtake what the room was told before, and the other way round`() throws {
        let client = try edge.members(1, of: dev)[0]
        edge.deliver("first", to: dev)
        client.connection.send(.system(content: "answer"))
        edge.deliver("last", to: dev)
        edge.eventLoop.run()
        #expect(try client.texts() == ["first", "answer", "last"])
    }

    @Test func `the goodbye is the last word`() throws {
        let client = try edge.members(1, of: dev)[0]
        edge.deliver("first", to: dev)
        client.connection.close(.draining)
        edge.deliver("too late", to: dev)
        client.connection.send(.system(content: "too late"))
        edge.eventLoop.run()
        #expect(try client.frames() == [.text("first"), .close(1012)])
    }

    @Test func `rooms do not hear each other`() throws {
        let ops = try RoomName("ops")
        let inDev = try edge.members(1, of: dev)[0]
        let inOps = try edge.members(1, of: ops)[0]
        edge.deliver("d", to: dev)
        edge.deliver("o", to: ops)
        edge.deliver("nobody", to: .global)
        edge.eventLoop.run()
        #expect(try inDev.texts() == ["d"])
        #expect(try inOps.texts() == ["o"])
    }

    @Test func `a move within one tick stands in its place among the events`() throws {
        let ops = try RoomName("ops")
        let client = try edge.members(1, of: dev)[0]
        edge.deliver("dev 1", to: dev)
        edge.deliver("ops 1", to: ops)
        client.connection.exit(dev)
        edge.deliver("dev 2", to: dev)
        edge.enter(client, ops)
        edge.deliver("ops 2", to: ops)
        edge.eventLoop.run()
        #expect(try client.texts() == ["dev 1", "entered ops", "ops 2"])
    }

    @Test func `far more than a tick takes arrives whole and in order`() throws {
        let client = try edge.members(1, of: dev)[0]
        let texts = (0..<100).map { "\($0) " + String(repeating: "x", count: 10_000) }
        for text in texts { edge.deliver(text, to: dev) }
        edge.eventLoop.run()
        let writes = try client.writes()
        #expect(writes.count > 1)
        #expect(writes.flatMap { $0 } == texts.map { .text($0) })
    }

    @Test func `in a room of many, members that come and go leave the others where they are`() throws {
        var clients = try edge.members(20, of: dev)
        for position in [0, 18, 9, 3, 3] {
            let gone = clients.remove(at: position)
            gone.connection.exit(dev)
            edge.eventLoop.run()
            edge.deliver("\(position)", to: dev)
            edge.eventLoop.run()
            #expect(try gone.texts() == [])
            for client in clients { #expect(try client.texts() == ["\(position)"]) }
        }
        #expect(clients.count == 15)
    }

    @Test func `a connection that is gone is in no list, and its room's others hear on`() throws {
        let clients = try edge.members(2, of: dev)
        #expect(edge.loop.allConnections.count == 2)
        _ = try clients[0].channel.finish()
        #expect(edge.loop.allConnections.map(ObjectIdentifier.init) == [ObjectIdentifier(clients[1].connection)])
        edge.deliver("a", to: dev)
        edge.eventLoop.run()
        #expect(try clients[1].texts() == ["a"])
        _ = try clients[1].channel.finish()
        #expect(edge.loop.allConnections.isEmpty)
    }
}
