import NIOCore
import NIOHTTP1
import NIOWebSocket

/// What happens to a request that wants to become a WebSocket.
struct WebSocketUpgrade: Sendable {
    let gate: Gate
    let edge: Edge
    let dialects: DialectTable
    /// Greatest frame that a client may send, in bytes; beyond it the connection is closed with 1009.
    let maximumFrameBytes: Int
    let settings: Connection.Settings

    /// Of this only the answer is used: NIO has the SHA-1 that it needs.
    private static let answers = NIOWebSocketServerUpgrader(
        shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
        upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })

    func admit(_ request: Request) throws(Refusal) -> Finding<Admission> { try gate.admit(request) }

    /// - Returns: the headers of the 101 answer, at once.
    func answer(
        to request: Request, _ admission: Admission, on channel: any Channel
    ) -> EventLoopFuture<HTTPHeaders> {
        let subprotocol = dialects.dialect(offered: admission.subprotocols).subprotocol
        return Self.answers.buildUpgradeResponse(
            channel: channel, upgradeRequest: request.head, initialResponseHeaders: [:]
        ).map { headers in
            guard let subprotocol else { return headers }
            var headers = headers
            headers.add(name: "Sec-WebSocket-Protocol", value: subprotocol)
            return headers
        }
    }

    /// Puts the connection into the pipeline. On the event loop, after the 101 answer.
    func configure(_ channel: any Channel, _ admission: Admission) throws {
        guard let loop = edge.fanout.loop(of: channel) else { throw ChannelError.operationUnsupported }
        let dialect = dialects.dialect(offered: admission.subprotocols)
        let connection = Connection(
            channel: channel, connectionLoop: loop, dialect: dialect.name, encoding: dialect.encoding,
            framing: ServerFrame.self, settings: settings)
        let conversation = dialect.converse(connection, edge)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(WebSocketFrameEncoder())
        try pipeline.addHandler(
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: maximumFrameBytes)))
        try pipeline.addHandler(WebSocketHandler(connection, maximumBytes: maximumFrameBytes))
        // Each holds the other until the handler is removed: not before it is in.
        connection.conversation = conversation
        conversation.begin(admission)
    }
}
