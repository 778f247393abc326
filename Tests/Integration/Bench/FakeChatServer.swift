import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Wire

/// A chat server of one process and a few hundred lines, to try the bench with: right by default, and wrong in one way on
/// request.
final class FakeChatServer: Sendable {
    private let channel: any Channel
    private let chat: NIOLoopBound<FakeChat>
    let port: Int

    private init(channel: any Channel, chat: NIOLoopBound<FakeChat>, port: Int) {
        self.channel = channel
        self.chat = chat
        self.port = port
    }

    static func start(fault: FakeChat.Fault? = nil) async throws -> FakeChatServer {
        // One loop for everything: the chat needs no locks, and everything has one order.
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let chat = try await loop.submit { NIOLoopBound(FakeChat(fault: fault), eventLoop: loop) }.get()
        let channel = try await ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                let upgrader = NIOWebSocketServerUpgrader(
                    shouldUpgrade: { channel, head in
                        let offered = head.headers["Sec-WebSocket-Protocol"].contains("chat.v2")
                        let headers: HTTPHeaders = offered ? ["Sec-WebSocket-Protocol": "chat.v2"] : [:]
                        return channel.eventLoop.makeSucceededFuture(headers)
                    },
                    upgradePipelineHandler: { channel, head in
                        channel.eventLoop.makeCompletedFuture {
                            let connection = FakeConnection(
                                chat: chat.value, uri: head.uri,
                                isClassic: !head.headers["Sec-WebSocket-Protocol"].contains("chat.v2"),
                                token: head.headers.first(name: "Authorization").map { String($0.dropFirst(7)) })
                            try channel.pipeline.syncOperations.addHandler(connection)
                        }
                    })
                return channel.pipeline.configureHTTPServerPipeline(
                    withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
            }
            .bind(host: "127.0.0.1", port: FreePort.pick()).get()
        return FakeChatServer(channel: channel, chat: chat, port: channel.localAddress?.port ?? 0)
    }

    /// How many messages were stored.
    var messages: Int {
        get async throws {
            try await chat.eventLoop.submit { [chat] in chat.value.logs.values.reduce(0) { $0 + $1.count } }.get()
        }
    }

    /// Hangs up on somebody who has never said anything.
    func dropOne() async throws {
        try await chat.eventLoop.submit { [chat] in
            let speakers = Set(chat.value.logs.values.joined().map(\.message.sender))
            chat.value.sessions.values.first { !speakers.contains($0.name) }?.connection?.drop()
        }.get()
    }

    /// The tokens that clients have presented, oldest first.
    var tokens: [String] {
        get async throws { try await chat.eventLoop.submit { [chat] in chat.value.tokens }.get() }
    }

    /// Tells everybody that the token has expired.
    func expireTokens() async throws {
        try await eachConnection {
            $0.send(.error(code: "token_expired", content: "the token has expired", retryAfterMilliseconds: nil))
        }
    }

    /// Closes every connection, as when its token was revoked.
    func revokeTokens() async throws {
        try await eachConnection { $0.close(.tokenExpired, reason: "token was revoked") }
    }

    private func eachConnection(_ body: @escaping @Sendable (FakeConnection) -> Void) async throws {
        try await chat.eventLoop.submit { [chat] in
            for session in chat.value.sessions.values { session.connection.map(body) }
        }.get()
    }

    func stop() async throws { try await channel.close() }
}

/// One connection to the fake; everything on its loop.
final class FakeConnection: ChannelInboundHandler {
    typealias InboundIn = NIOWebSocket.WebSocketFrame
    typealias OutboundOut = NIOWebSocket.WebSocketFrame

    private let chat: FakeChat
    private var context: ChannelHandlerContext?
    private var saidGoodbye = false
    let parameters: [String: String]
    let isClassic: Bool
    /// The user's name; in place of a missing one the beginning of the token, up to a point.
    var name: String? { parameters["username"] ?? token.map { String($0.prefix { $0 != "." }) } }
    /// Nobody checks it; a client that shows one may have several sessions.
    let token: String?
    /// The rooms whose messages it gets.
    var rooms: Set<String> = []
    /// Ids that it awaits acknowledgements for.
    var awaited: Set<String> = []

    init(chat: FakeChat, uri: String, isClassic: Bool, token: String?) {
        self.chat = chat
        self.token = token
        self.isClassic = isClassic
        let query = uri.split(separator: "?").dropFirst().first ?? ""
        parameters = query.split(separator: "&").reduce(into: [:]) { values, pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            // The bench's own names need no decoding.
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // The upgrade's answer goes out first.
        context.eventLoop.assumeIsolated().execute { self.chat.connected(self) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func send(_ event: V2Event, ref: String? = nil) { write(V2Frame(event, ref: ref).json) }

    func send(_ event: ClassicEvent) { write(event.json) }

    func drop() { context?.close(promise: nil) }

    /// Closes with 4001.
    func refuseName() { close(.usernameTaken) }

    func close(_ code: CloseCode, reason: String = "") {
        guard let context else { return }
        var data = ByteBuffer(integer: code.rawValue)
        data.writeString(reason)
        let close = NIOWebSocket.WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
        context.writeAndFlush(wrapOutboundOut(close), promise: nil)
    }

    private func write(_ json: [UInt8]) {
        guard let context else { return }
        let frame = NIOWebSocket.WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(bytes: json))
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        var bytes = frame.unmaskedData
        switch frame.opcode {
        case .text:
            guard !isClassic, let request = try? V2Request(json: bytes.readableBytesView) else { return }
            // Not at once: a write that fails makes NIO read what is left of that connection, in the middle of another
            // command.
            context.eventLoop.assumeIsolated().execute { self.chat.handle(request, self) }
        case .connectionClose:
            saidGoodbye = bytes.readInteger(as: UInt16.self) == 1000
            context.close(promise: nil)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        context.eventLoop.assumeIsolated().execute { self.chat.disconnected(self, isOver: self.saidGoodbye) }
    }
}
