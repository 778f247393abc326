import Domain
import InfrastructureObservability
import NIOCore
import NIOEmbedded
import NIOWebSocket
import Service
import Testing
import Wire

@testable import ChatServer
@testable import SteppedService

/// The edge on one event loop that the test turns by hand, with clients whose sockets are buffers.
final class EmbeddedEdge {
    let eventLoop = EmbeddedEventLoop()
    let registry = PrometheusRegistry()
    let dialects: DialectTable
    let fanout: Fanout
    let errands = Errands()
    let metrics: EdgeMetrics
    /// Whom the clients talk to.
    let chat: SteppedChat
    let identification: Identification?
    /// What their conversations share.
    let shared: Edge

    /// - Parameters:
    ///   - compression: nil: it is off.
    ///   - identification: made with the chat's clock; nil: authentication is off.
    init(
        rate: RateLimit? = nil, namesBelongToUsers: Bool = false, compression: MessageCompression? = nil,
        identification: ((@escaping @Sendable () -> Timestamp) -> Identification)? = nil
    ) {
        metrics = EdgeMetrics(registry)
        dialects = DialectTable(compression: compression)
        fanout = Fanout(
            eventLoopGroup: eventLoop, encodings: dialects.encodings, goodbyes: .init(window: .seconds(10)),
            metrics: metrics)
        chat = SteppedChat(rate: rate, namesBelongToUsers: namesBelongToUsers, delivery: fanout)
        let chat = chat
        self.identification = identification?({ chat.wall })
        shared = Edge(
            service: chat.service, fanout: fanout, errands: errands,
            welcome: .init(instance: "test", version: "2.0.0"), metrics: metrics,
            identification: self.identification)
        let errands = errands
        chat.begin { await errands.serve() }
    }

    var loop: ConnectionLoop { fanout.loops[0] }

    /// A client of the classic dialect, which has no session.
    func connect(sendBufferBytes: Int = 1 << 20) throws -> EmbeddedClient {
        try connect(dialects.dialect(offered: []), sendBufferBytes: sendBufferBytes)
    }

    /// A client of the classic dialect, whose session begins as the loop is turned.
    ///
    /// - Parameter query: what it connects with.
    func connectClassic(_ query: String) throws -> EmbeddedClient {
        try connect(query, offering: [])
    }

    /// A client of the dialect `chat.v2`, whose session begins as the loop is turned.
    ///
    /// - Parameter query: what it connects with.
    func connectV2(_ query: String, sendBufferBytes: Int = 1 << 20) throws -> EmbeddedClient {
        try connect(query, offering: ["chat.v2"], sendBufferBytes: sendBufferBytes)
    }

    /// A client that has passed the door, and whose session begins as the loop is turned.
    func connect(
        _ query: String, offering subprotocols: [String], sendBufferBytes: Int = 1 << 20
    ) throws -> EmbeddedClient {
        let client = try connect(dialects.dialect(offered: subprotocols), sendBufferBytes: sendBufferBytes)
        let rules = DoorRules(maximumConnections: 1000, identification: identification)
        let door = Door(rules: rules, occupancy: Door.open.occupancy)
        client.connection.conversation?.begin(try Admission.decide(try .handshake("/ws?" + query), at: door).decided)
        return client
    }

    private func connect(_ dialect: Dialect, sendBufferBytes: Int) throws -> EmbeddedClient {
        let socket = StalledSocket()
        let channel = EmbeddedChannel(handlers: [socket, WebSocketFrameEncoder()], loop: eventLoop)
        let connection = Connection(
            channel: channel, connectionLoop: loop, dialect: dialect.name, encoding: dialect.encoding,
            framing: ServerFrame.self,
            settings: .init(
                fanout: fanout, gate: Gate(DoorRules(maximumConnections: 1000), metrics: metrics),
                sendBufferBytes: sendBufferBytes, metrics: metrics))
        connection.conversation = dialect.converse(connection, shared)
        try channel.pipeline.syncOperations.addHandler(WebSocketHandler(connection, maximumBytes: 64 << 10))
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        return EmbeddedClient(connection: connection, channel: channel, socket: socket)
    }

    /// Everything that can happen happens, but for what time brings.
    func turn() {
        repeat {
            chat.settle()
            eventLoop.run()
        } while chat.isBusy
    }

    /// Connects `count` clients that are in `room`.
    func members(_ count: Int, of room: RoomName) throws -> [EmbeddedClient] {
        let clients = try (0..<count).map { _ in try connect() }
        for client in clients { enter(client, room) }
        eventLoop.run()
        for client in clients { #expect(try client.texts() == ["entered \(room)"]) }
        return clients
    }

    /// Lets `client` into `room` with one notice for itself, and does not turn the loop.
    func enter(_ client: EmbeddedClient, _ room: RoomName) {
        fanout.enter(room, client.connection, showing: .words("entered \(room)", in: room))
    }

    /// Leaves `text` for the members of `room` and does not turn the loop.
    func deliver(_ text: String, to room: RoomName, except sender: EmbeddedClient? = nil) {
        fanout.deliver(.words(text, in: room), except: UserConnections(sender?.connection))
    }

    func count(_ metric: String) -> Int? { registry.count(metric) }
}

extension TopicEvent {
    /// What only the classic dialect shows, word for word.
    fileprivate static func words(_ text: String, in room: RoomName) -> TopicEvent {
        .entry(Entry(topic: .room(room), sequence: SequenceNumber(1), previous: nil, body: .foreignNotice(text)))
    }
}

/// One client, and what was written to its socket.
struct EmbeddedClient {
    enum Frame: Equatable {
        /// The content of a `system_message`.
        case text(String)
        /// A frame of the dialect `chat.v2`.
        case v2(V2Frame)
        case ping
        case pong([UInt8])
        case close(UInt16?)
        case other(UInt8)
    }

    let connection: Connection
    let channel: EmbeddedChannel
    let socket: StalledSocket

    /// What has reached the socket since the last look, one array a write.
    func writes() throws -> [[Frame]] {
        var writes: [[Frame]] = []
        while var buffer = try channel.readOutbound(as: ByteBuffer.self) {
            var frames: [Frame] = []
            while buffer.readableBytes > 0 { frames.append(try Self.readFrame(&buffer)) }
            writes.append(frames)
        }
        return writes
    }

    func frames() throws -> [Frame] { try writes().flatMap { $0 } }

    func texts() throws -> [String] {
        try frames().map { frame in
            guard case .text(let text) = frame else { return "\(frame)" }
            return text
        }
    }

    /// What has reached the socket since the last look, in the words of `chat.v2`.
    func v2() throws -> [V2Frame] {
        try frames().map { frame in
            guard case .v2(let frame) = frame else { throw OtherFrame(frame: frame) }
            return frame
        }
    }

    private struct OtherFrame: Error {
        let frame: Frame
    }

    /// A request from the client.
    func ask(_ command: V2Command, ref: String? = nil) throws {
        try receive(.text, V2Request(command, ref: ref).json)
    }

    /// A frame from the client, masked.
    func receive(_ opcode: WebSocketOpcode, _ bytes: [UInt8] = []) throws {
        let key: WebSocketMaskingKey = [1, 2, 3, 4]
        var data = ByteBuffer(bytes: bytes)
        data.webSocketMask(key)
        try channel.writeInbound(WebSocketFrame(fin: true, opcode: opcode, maskKey: key, data: data))
    }

    /// RFC 6455 §5.2, for frames without mask and fragments.
    private static func readFrame(_ buffer: inout ByteBuffer) throws -> Frame {
        let opcode = buffer.readInteger(as: UInt8.self) ?? 0
        let count =
            switch buffer.readInteger(as: UInt8.self) {
            case 126: buffer.readInteger(as: UInt16.self).map(Int.init)
            case 127: buffer.readInteger(as: UInt64.self).map(Int.init)
            case let short: short.map(Int.init)
            }
        let bytes = count.flatMap { buffer.readBytes(length: $0) }
        let payload = try #require(bytes)
        switch opcode {
        case 0x81:
            guard payload.starts(with: head) else { return .v2(try V2Frame(json: payload)) }
            return .text(try content(payload))
        case 0x89: return .ping
        case 0x8A: return .pong(payload)
        case 0x88: return .close(payload.count < 2 ? nil : UInt16(payload[0]) << 8 | UInt16(payload[1]))
        default: return .other(opcode)
        }
    }

    private static let head = Array(#"{"type":"system_message","content":""#.utf8)

    private static func content(_ payload: [UInt8]) throws -> String {
        try #require(payload.suffix(2) == Array("\"}".utf8)[...])
        return String(decoding: payload.dropFirst(head.count).dropLast(2), as: UTF8.self)
    }
}

/// The socket's end of the pipeline: takes nothing while it is stalled, and counts the reads that reach it.
final class StalledSocket: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private var context: ChannelHandlerContext?
    private(set) var reads = 0
    var isStalled = false {
        didSet {
            guard isStalled != oldValue, let channel = context?.channel as? EmbeddedChannel else { return }
            channel.isWritable = !isStalled
            if !isStalled { context?.flush() }
            channel.pipeline.fireChannelWritabilityChanged()
        }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func flush(context: ChannelHandlerContext) { if !isStalled { context.flush() } }

    func read(context: ChannelHandlerContext) {
        reads += 1
        context.read()
    }
}
