import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization
import Wire

/// A chat that lets everybody in and takes their messages, but never says that it has them.
final class MuteChat: Sendable {
    let port: Int
    private let listener: any Channel
    private let state: State

    fileprivate final class State: Sendable {
        let heard = Mutex<[String]>([])
        let connections = Mutex<[any Channel]>([])
    }

    static func start() async throws -> MuteChat {
        let port = try FreePort.pick()
        let state = State()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                state.connections.withLock { $0.append(channel) }
                let upgrader = NIOWebSocketServerUpgrader(
                    shouldUpgrade: { channel, _ in
                        channel.eventLoop.makeSucceededFuture(["Sec-WebSocket-Protocol": "chat.v2"])
                    },
                    upgradePipelineHandler: { channel, _ in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(MuteConnection(state))
                        }
                    })
                return channel.pipeline.configureHTTPServerPipeline(
                    withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
            }
            .bind(host: "127.0.0.1", port: port).get()
        return MuteChat(port: port, listener: listener, state: state)
    }

    private init(port: Int, listener: any Channel, state: State) {
        self.port = port
        self.listener = listener
        self.state = state
    }

    /// The messages that have come.
    var heard: [String] { state.heard.withLock { $0 } }

    /// Is gone, and all its connections with it.
    func stop() async {
        try? await listener.close().get()
        for connection in state.connections.withLock({ $0 }) { try? await connection.close().get() }
    }
}

private final class MuteConnection: ChannelInboundHandler {
    typealias InboundIn = NIOWebSocket.WebSocketFrame
    typealias OutboundOut = NIOWebSocket.WebSocketFrame
    private let state: MuteChat.State

    init(_ state: MuteChat.State) { self.state = state }

    func handlerAdded(context: ChannelHandlerContext) {
        let limits = V2Welcome.Limits(messageBytes: 16_384, messagesPerWindow: 0, windowSeconds: 10)
        let welcome = V2Welcome(
            username: "al", session: "secret", instance: "mute", version: "0", rooms: ["dev"], limits: limits)
        // The upgrade's answer goes out first.
        context.eventLoop.assumeIsolated().execute { self.send(.welcome(welcome), ref: nil, context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard frame.opcode == .text, let request = try? V2Request(json: frame.unmaskedData.readableBytesView) else {
            return
        }
        switch request.command {
        case .joinRoom(let join):
            send(.joined(room: join.room, members: 1, lastSequence: 0, epoch: "e"), ref: request.ref, context)
            let history = V2History(room: join.room, messages: [], more: false, truncated: false, epoch: "e")
            send(.history(history), ref: nil, context)
        case .inbox:
            send(.inbox(V2Inbox(messages: [], more: false, truncated: false, epoch: "e")), ref: request.ref, context)
        case .chatMessage(let content, _, _): state.heard.withLock { $0.append(content) }
        default: break
        }
    }

    private func send(_ event: V2Event, ref: String?, _ context: ChannelHandlerContext) {
        let frame = NIOWebSocket.WebSocketFrame(
            fin: true, opcode: .text, data: ByteBuffer(bytes: V2Frame(event, ref: ref).json))
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}
