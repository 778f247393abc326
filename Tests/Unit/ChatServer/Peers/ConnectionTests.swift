import Domain
import NIOCore
import NIOEmbedded
import NIOWebSocket
import Service
import Testing
import Wire

@testable import ChatServer

struct ConnectionTests {
    private let edge = EmbeddedEdge()
    private let client: EmbeddedClient
    private var connection: Connection { client.connection }

    init() throws { client = try edge.connect(sendBufferBytes: 1000) }

    @Test func `a ping is answered at once with what it holds`() throws {
        try client.receive(.ping, [1, 2])
        #expect(try client.frames() == [.pong([1, 2])])
        #expect(client.channel.isActive)
    }

    @Test(arguments: [([], nil), ([0x03, 0xE8], 1000), ([0x0B, 0xB8], 3000)] as [([UInt8], UInt16?)])
    func `the client's goodbye is answered with its code, and that is the end`(bytes: [UInt8], code: UInt16?) throws {
        try client.receive(.connectionClose, bytes)
        edge.eventLoop.run()
        #expect(try client.frames() == [.close(code)])
        #expect(!client.channel.isActive)
        #expect(edge.loop.allConnections.isEmpty)
    }

    @Test func `a breach is answered with its code, and the peer may answer that`() throws {
        try client.receive(.binary)
        #expect(try client.frames() == [.close(1003)])
        #expect(client.channel.isActive)
        // Nothing it says any more counts but its goodbye.
        try client.receive(.ping, [1])
        #expect(try client.frames() == [])
        try client.receive(.connectionClose, [0x03, 0xEB])
        #expect(!client.channel.isActive)
        #expect(try client.frames() == [])
    }

    @Test(
        arguments: [
            ([0x03], 1002), ([0x03, 0xEE], 1002), ([0x03, 0xE8, 0xFF], 1007),
        ] as [([UInt8], UInt16)])
    func `a broken goodbye is answered, and that is the end: there will be no other`(
        bytes: [UInt8], code: UInt16
    ) throws {
        try client.receive(.connectionClose, bytes)
        edge.eventLoop.run()
        #expect(try client.frames() == [.close(code)])
        #expect(!client.channel.isActive)
    }

    @Test func `a peer that does not answer the goodbye is cut off after five seconds`() throws {
        connection.beginClosing(.draining)
        connection.keepAlive(now: .now() + .seconds(4))
        #expect(client.channel.isActive)
        connection.keepAlive(now: .now() + .seconds(6))
        #expect(!client.channel.isActive)
        #expect(try client.frames() == [.close(1012)])
    }

    @Test func `one goodbye is enough`() throws {
        connection.beginClosing(.draining)
        connection.beginClosing(.tooSlow)
        connection.end(.nameLost)
        edge.eventLoop.run()
        #expect(try client.frames() == [.close(1012)])
    }

    @Test func `whoever enters is shown one's own notice first`() throws {
        let notice = MembershipNotice(
            .joined, room: .global, username: try Username("alice"), timestamp: Timestamp(millisecondsSince1970: 0))
        connection.enter(.global, showing: notice)
        edge.deliver("after", to: .global)
        edge.eventLoop.run()
        #expect(try client.texts() == ["alice joined the room global", "after"])
    }

    @Test func `whose name is lost is told so`() throws {
        connection.end(.nameLost)
        edge.eventLoop.run()
        #expect(try client.frames() == [.close(4001)])
    }

    @Test func `a quiet client is pinged after 25 seconds, and closed after 60`() throws {
        let start = NIODeadline.now()
        connection.keepAlive(now: start + .seconds(24))
        #expect(try client.frames() == [])
        connection.keepAlive(now: start + .seconds(26))
        connection.keepAlive(now: start + .seconds(27))
        #expect(try client.frames() == [.ping])
        connection.keepAlive(now: start + .seconds(52))
        #expect(try client.frames() == [.ping])
        connection.keepAlive(now: start + .seconds(59))
        #expect(client.channel.isActive)
        connection.keepAlive(now: start + .seconds(61))
        #expect(!client.channel.isActive)
    }

    @Test func `a reader that takes nothing is told that it is too slow, once, and nothing after`() throws {
        edge.enter(client, .global)
        edge.eventLoop.run()
        #expect(try client.texts() == ["entered global"])
        client.socket.isStalled = true
        for number in 0..<30 {
            edge.deliver("\(number) " + String(repeating: "x", count: 100), to: .global)
            edge.eventLoop.run()
        }
        #expect(try client.frames() == [])
        #expect(edge.count("chat_connections_closed_slow_total") == 1)
        client.socket.isStalled = false
        let frames = try client.frames()
        #expect(frames.last == .close(1013))
        #expect(frames.filter { $0 == .close(1013) }.count == 1)
        // About 140 bytes each: it took just more than the budget of 1000.
        #expect((7...9).contains(frames.count))
        edge.deliver("later", to: .global)
        edge.eventLoop.run()
        #expect(try client.frames() == [])
    }

    @Test func `a reader within its budget gets everything, late`() throws {
        edge.enter(client, .global)
        edge.eventLoop.run()
        #expect(try client.texts() == ["entered global"])
        client.socket.isStalled = true
        for number in 0..<10 { edge.deliver("\(number)", to: .global) }
        edge.eventLoop.run()
        client.socket.isStalled = false
        #expect(try client.texts() == (0..<10).map { "\($0)" })
        #expect(client.channel.isActive)
        #expect(edge.count("chat_connections_closed_slow_total") == 0)
    }

    @Test(
        arguments: [
            (NIOWebSocketError.invalidFrameLength, 1009), (.fragmentedControlFrame, 1002),
            (.multiByteControlFrameLength, 1002),
        ] as [(NIOWebSocketError, UInt16)])
    func `what NIO's decoder finds wrong is told to the peer`(error: NIOWebSocketError, code: UInt16) throws {
        client.channel.pipeline.fireErrorCaught(error)
        #expect(try client.frames() == [.close(code)])
    }

    @Test func `a broken socket is closed without a word`() throws {
        client.channel.pipeline.fireErrorCaught(IOError(errnoCode: 104, reason: "reset"))
        #expect(!client.channel.isActive)
        #expect(try client.frames() == [])
    }

    @Test func `a client that has hung up is gone, and a server that goes away says so`() throws {
        let other = try edge.connect()
        other.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(try other.frames() == [.close(1001)])
        client.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!client.channel.isActive)
    }

    @Test func `nothing is read while there is a reason, and one read is caught up on`() {
        let before = client.socket.reads
        client.channel.read()
        #expect(client.socket.reads == before + 1)
        connection.pauseReading(.commandsWait, if: true)
        connection.pauseReading(.unanswered, if: true)
        client.channel.read()
        client.channel.read()
        connection.pauseReading(.commandsWait, if: false)
        #expect(client.socket.reads == before + 1)
        connection.pauseReading(.unanswered, if: false)
        #expect(client.socket.reads == before + 2)
        connection.pauseReading(.unanswered, if: false)
        #expect(client.socket.reads == before + 2)
    }

    @Test func `what is written to a connection that is gone goes nowhere`() throws {
        _ = try client.channel.finish()
        connection.send(.system(content: "x"))
        connection.close(.draining)
        edge.deliver("y", to: .global)
        edge.eventLoop.run()
        #expect(try client.frames() == [])
    }
}
