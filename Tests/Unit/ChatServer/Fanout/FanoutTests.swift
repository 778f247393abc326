import Domain
import InfrastructureObservability
import NIOCore
import NIOEmbedded
import NIOWebSocket
import Service
import Synchronization
import Testing

@testable import ChatServer

/// What is encoded, how often, and for whom: with encodings of no dialect.
struct FanoutTests {
    /// How often each encoding was asked for an event.
    private final class Calls: Sendable {
        private let counts = Mutex<[String: Int]>([:])

        func add(_ name: String) { counts.withLock { $0[name, default: 0] += 1 } }

        var all: [String: Int] { counts.withLock { $0 } }
    }

    private struct Peer {
        let connection: Connection
        let channel: EmbeddedChannel

        func written() throws -> String {
            var text = ""
            while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
            return text
        }
    }

    private let eventLoop = EmbeddedEventLoop()
    private let metrics = EdgeMetrics(PrometheusRegistry())
    private let calls = Calls()
    private let fanout: Fanout
    /// Its readers are shown what happens while they are there.
    private let live: Encoding
    /// Its readers read the log.
    private let log: Encoding
    /// Has no words for anything.
    private let mute: Encoding

    init() {
        var encodings = EncodingTable()
        let calls = calls
        func register(_ name: String, readsLog: Bool, isMute: Bool = false) -> Encoding {
            encodings.add(readsLog: readsLog) { _ in
                calls.add(name)
                return isMute ? nil : ByteBuffer(string: name)
            } announcement: { announcement in
                calls.add(name)
                return isMute ? nil : ByteBuffer(string: name + announcement.content)
            }
        }
        live = register("live ", readsLog: false)
        log = register("log ", readsLog: true)
        mute = register("mute ", readsLog: false, isMute: true)
        fanout = Fanout(
            eventLoopGroup: eventLoop, encodings: encodings, goodbyes: .init(window: .seconds(1)), metrics: metrics)
    }

    /// A peer that is shown `global` live.
    private func reader(_ encoding: Encoding) throws -> Peer {
        let channel = EmbeddedChannel(handlers: [WebSocketFrameEncoder()], loop: eventLoop)
        let connection = Connection(
            channel: channel, connectionLoop: fanout.loops[0], dialect: "test", encoding: encoding,
            framing: ServerFrame.self,
            settings: .init(
                fanout: fanout, gate: Gate(DoorRules(maximumConnections: 10), metrics: metrics), sendBufferBytes: 1000,
                metrics: metrics))
        try channel.pipeline.syncOperations.addHandler(WebSocketHandler(connection, maximumBytes: 1000))
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        fanout.beginLive(.room(.global), connection)
        fanout.loops[0].goLive(.room(.global), connection, at: .zero)
        return Peer(connection: connection, channel: channel)
    }

    @Test func `everybody who was greeted is told, and it is encoded once for all of them`() throws {
        let readers = [try reader(live), try reader(live), try reader(log), try reader(mute)]
        let stranger = try reader(live)
        for reader in readers { reader.connection.greeted() }
        eventLoop.run()
        fanout.announce(ServerAnnouncement(content: "soon", timestamp: .now))
        eventLoop.run()
        #expect(try readers.map { try $0.written() } == ["live soon", "live soon", "log soon", ""])
        #expect(try stranger.written().isEmpty)
        #expect(calls.all == ["live ": 1, "log ": 1, "mute ": 1])
    }

    private func notice() -> TopicEvent { entry(1, .foreignNotice("x")) }

    private func message(_ sequence: UInt64) -> TopicEvent {
        entry(
            sequence,
            .message(
                Message(
                    id: MessageID("m"), sender: "zoe", content: "x", timestamp: Timestamp(millisecondsSince1970: 0))))
    }

    private func entry(_ sequence: UInt64, _ body: Entry.Body) -> TopicEvent {
        .entry(Entry(topic: .room(.global), sequence: SequenceNumber(sequence), previous: nil, body: body))
    }

    @Test func `an event is encoded once for all readers of an encoding, and not for one without readers`() throws {
        let readers = try (0..<3).map { _ in try reader(live) }
        let others = try (0..<2).map { _ in try reader(log) }
        fanout.deliver(notice(), except: .none)
        eventLoop.run()
        for reader in readers { #expect(try reader.written() == "live ") }
        for reader in others { #expect(try reader.written() == "log ") }
        #expect(calls.all == ["live ": 1, "log ": 1])
        fanout.endLive(.room(.global), others[0].connection)
        fanout.endLive(.room(.global), others[1].connection)
        fanout.deliver(notice(), except: .none)
        eventLoop.run()
        #expect(calls.all == ["live ": 2, "log ": 1])
    }

    @Test func `readers whose encoding has no words for an event are written nothing`() throws {
        let (silent, other) = (try reader(mute), try reader(live))
        fanout.deliver(notice(), except: .none)
        eventLoop.run()
        #expect(try silent.written() == "")
        #expect(try other.written() == "live ")
    }

    @Test func `what comes late is shown to those only who do not read the log, and moves nobody`() throws {
        let (reader, other) = (try reader(log), try reader(live))
        fanout.deliver(message(7), except: .none)
        fanout.deliverLate(message(9), except: .none)
        eventLoop.run()
        #expect(try reader.written() == "log ")
        #expect(try other.written() == "live live ")
        #expect(fanout.loops[0].cursor(of: .room(.global)) == SequenceNumber(7))
    }

    @Test func `a sender without a conversation is written nothing of its own`() throws {
        let (sender, other) = (try reader(live), try reader(live))
        fanout.deliver(notice(), except: .one(sender.connection))
        eventLoop.run()
        #expect(try sender.written() == "")
        #expect(try other.written() == "live ")
    }
}
