import Domain
import NIOCore
import NIOEmbedded
import Service
import Testing
import Wire

@testable import ChatServer
@testable import SteppedService
@testable import TestSupport

/// Readers that take less than comes: they are read to from the log, and miss nothing but what is ephemeral.
struct SlowReaderTests {
    private static let budget = 8000

    private func live(_ name: String, on edge: EmbeddedEdge) throws -> EmbeddedClient {
        let client = try edge.connectV2("username=\(name)", sendBufferBytes: Self.budget)
        try client.ask(.joinRoom(V2Join(room: "global", history: 0)))
        edge.turn()
        #expect(try client.v2().map(\.event.type) == ["welcome", "joined", "history"])
        return client
    }

    private func unsent(_ client: EmbeddedClient) throws -> Int {
        try #require(try client.channel.syncOptions?.getOption(.bufferedWritableBytes))
    }

    @Test func `who does not read is left by the fan-out, and has everything when it reads again`() throws {
        let edge = EmbeddedEdge()
        let (slow, fast) = (try live("slow", on: edge), try live("fast", on: edge))
        _ = try slow.v2()
        slow.socket.isStalled = true
        for number in 1...300 {
            edge.chat.store("\(number) " + String(repeating: "x", count: 300))
            edge.turn()
        }
        #expect(edge.count("chat_catch_ups_total") == 1)
        #expect(try unsent(slow) < 2 * Self.budget)
        #expect(try fast.frames().flatMap(\.sequences) == Array(1...300))
        // What is ephemeral is not kept for it.
        try fast.ask(.typing(isTyping: true, room: nil))
        let third = try live("third", on: edge)
        edge.turn()
        #expect(try fast.frames().map(\.words) == ["+third@global 3"])
        slow.socket.isStalled = false
        edge.turn()
        let frames = try slow.v2()
        #expect(frames.flatMap { EmbeddedClient.Frame.v2($0).sequences } == Array(1...300))
        // As if it had come live.
        #expect(frames.dropLast().allSatisfy { $0.event.type == "chat_message" })
        // Of who came meanwhile it knows the number.
        #expect(frames.last.map { EmbeddedClient.Frame.v2($0).words } == "+0 -0 =3@global")
        // And it is live again.
        try fast.ask(.typing(isTyping: false, room: nil))
        edge.turn()
        #expect(try slow.frames().map(\.words) == ["fast stops in global"])
        #expect(slow.channel.isActive && third.channel.isActive)
        #expect(edge.count("chat_connections_closed_slow_total") == 0)
    }

    @Test func `one's own messages are acknowledged in their place while one catches up`() throws {
        let edge = EmbeddedEdge()
        let slow = try live("slow", on: edge)
        slow.socket.isStalled = true
        for number in 1...60 {
            edge.chat.store("\(number) " + String(repeating: "x", count: 300))
            edge.turn()
        }
        #expect(edge.count("chat_catch_ups_total") == 1)
        try slow.ask(.chatMessage(content: "mine", room: nil, id: "m"), ref: "r")
        edge.chat.store("after")
        edge.turn()
        slow.socket.isStalled = false
        edge.turn()
        let words = try slow.frames().map(\.words)
        #expect(words.suffix(3) == ["r:ack m 61", "62 zoe: after", "+0 -0 =1@global"])
        #expect(words.count == 63)
    }

    @Test func `what was gone before the slow reader came to it is told as a gap`() throws {
        let edge = EmbeddedEdge()
        let slow = try live("slow", on: edge)
        slow.socket.isStalled = true
        for number in 1...60 {
            edge.chat.store("\(number) " + String(repeating: "x", count: 300))
            edge.turn()
        }
        // So much that the window lets go of what the log does not keep either.
        for number in 61...150 {
            edge.chat.store("\(number) " + String(repeating: "y", count: 12_000))
            edge.turn()
        }
        edge.chat.log.drop(upTo: SequenceNumber(80))
        slow.socket.isStalled = false
        edge.turn()
        let frames = try slow.frames()
        let gaps = frames.map(\.words).filter { $0.hasPrefix("gap") }
        let shown = frames.flatMap(\.sequences)
        let last = try #require(shown.last { $0 <= 60 })
        #expect(gaps == ["gap global \(last)..81"])
        #expect(shown == Array(1...last) + Array(81...150))
    }

    @Test func `who is too slow even for the answers is sent away, to come back and resume`() throws {
        let edge = EmbeddedEdge()
        let slow = try live("slow", on: edge)
        slow.socket.isStalled = true
        // 64 characters of four bytes each: answers that are large for what they cost.
        let room = String(repeating: "\u{1D11E}", count: RoomName.maximumLength)
        for number in 0..<10_000 where slow.channel.isActive {
            try slow.ask(.listUsers(room: room), ref: "\(number)")
            if number.isMultiple(of: 20) { edge.turn() }
            if edge.count("chat_connections_closed_slow_total") == 1 { break }
        }
        #expect(edge.count("chat_connections_closed_slow_total") == 1)
        #expect(try unsent(slow) < Self.budget + (513 << 10))
        slow.socket.isStalled = false
        #expect(try slow.frames().last == .close(1013))
    }

    /// Sockets that stall and go on, people who speak and come, in any order.
    @Test(arguments: 1...15 as ClosedRange<UInt64>)
    func `however often who stalls, everyone has the whole log in order, and one's own acknowledged in its place`(
        seed: UInt64
    ) throws {
        var random = SeededGenerator(seed: seed)
        let edge = EmbeddedEdge()
        edge.chat.run()
        let clients = try (0..<4).map { try live("user\($0)", on: edge) }
        for client in clients { _ = try client.v2() }
        var heard = clients.map { _ in [UInt64]() }
        var said = clients.map { _ in 0 }
        var acknowledged = clients.map { _ in 0 }
        func listen() throws {
            for (index, client) in clients.enumerated() {
                for frame in try client.frames() {
                    heard[index] += frame.sequences
                    if case .ack? = frame.v2?.event { acknowledged[index] += 1 }
                    if case .close = frame { Issue.record("sent away") }
                }
            }
        }
        for number in 0..<600 {
            let index = Int.random(in: clients.indices, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0, 1:
                edge.chat.store("\(number) " + String(repeating: "x", count: .random(in: 0...900, using: &random)))
            case 2:
                said[index] += 1
                try clients[index].ask(.chatMessage(content: "\(number)", room: nil, id: nil), ref: "\(number)")
            case 3: try clients[index].ask(.typing(isTyping: true, room: nil))
            case 4: clients[index].socket.isStalled.toggle()
            case 5: edge.eventLoop.run()
            case 6: Int.random(in: 0..<8, using: &random) == 0 ? edge.chat.log.loseCopy() : edge.chat.log.repeatCopy()
            default: _ = edge.chat.step(using: &random)
            }
            // What one tick writes comes on top.
            for client in clients { #expect(try unsent(client) < Self.budget + (256 << 10)) }
            try listen()
        }
        for client in clients { client.socket.isStalled = false }
        edge.turn()
        edge.chat.log.tell(.interrupted)
        edge.turn()
        try listen()
        let log = edge.chat.log.retained(.room(.global)).map(\.sequence.value)
        for index in clients.indices { #expect(heard[index] == log) }
        #expect(acknowledged == said)
    }
}
