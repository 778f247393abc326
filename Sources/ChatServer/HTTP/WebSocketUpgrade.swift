import NIOCore
import NIOHTTP1
import NIOWebSocket
import Service

/// What happens to a request that wants to become a WebSocket.
struct WebSocketUpgrade: Sendable {
    let gate: Gate
    let fanout: Fanout
    let errands: Errands
    let service: ChatService
    /// Greatest frame that a client may send, in bytes; beyond it the connection is closed with 1009.
    let maximumFrameBytes: Int
    let sendBufferBytes: Int
    let welcome: V2Conversation.Welcome
    let metrics: EdgeMetrics

    /// Of this only the answer is used: NIO has the SHA-1 that it needs.
    private static let answers = NIOWebSocketServerUpgrader(
        shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
        upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })

    func admit(_ request: Request) throws(Refusal) -> Admission { try gate.admit(request) }

    /// - Returns: the headers of the 101 answer, at once.
    func answer(
        to request: Request, _ admission: Admission, on channel: any Channel
    ) -> EventLoopFuture<HTTPHeaders> {
        Self.answers.buildUpgradeResponse(
            channel: channel, upgradeRequest: request.head, initialResponseHeaders: [:]
        ).map { headers in
            guard let subprotocol = admission.dialect.subprotocol else { return headers }
            var headers = headers
            headers.add(name: "Sec-WebSocket-Protocol", value: subprotocol)
            return headers
        }
    }

    /// Puts the connection into the pipeline. On the event loop, after the 101 answer.
    func configure(_ channel: any Channel, _ admission: Admission) throws {
        guard let loop = fanout.loop(of: channel) else { throw ChannelError.operationUnsupported }
        let connection = Connection(
            channel: channel, connectionLoop: loop, fanout: fanout,
            limits: .init(messageBytes: maximumFrameBytes, sendBufferBytes: sendBufferBytes), gate: gate,
            metrics: metrics)
        let conversation: any Conversation =
            switch admission.dialect {
            case .classic:
                ClassicConversation(service: service, connection: connection, errands: errands)
            case .v2:
                V2Conversation(
                    service: service, connection: connection, fanout: fanout, errands: errands, welcome: welcome,
                    metrics: metrics)
            }
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(WebSocketFrameEncoder())
        try pipeline.addHandler(
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: maximumFrameBytes)))
        try pipeline.addHandler(connection)
        // Each holds the other until the handler is removed: not before it is in.
        connection.conversation = conversation
        conversation.begin(admission)
    }
}
