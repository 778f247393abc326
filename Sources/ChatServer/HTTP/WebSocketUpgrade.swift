import Domain
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Service
import WebSocketRules

/// What happens to a request that wants to become a WebSocket.
struct WebSocketUpgrade: Sendable {
    let gate: Gate
    let edge: Edge
    let dialects: DialectTable
    /// Greatest message that a client may send, in bytes; beyond it the connection is closed with 1009.
    let maximumFrameBytes: Int
    let settings: Connection.Settings
    /// The same for echoes, which may be large; nil: there are none.
    var echoSettings: Connection.Settings?

    /// Of this only the answer is used: NIO has the SHA-1 that it needs.
    private static let answers = NIOWebSocketServerUpgrader(
        shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
        upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })

    /// Whether there is an echo.
    var echoes: Bool { echoSettings != nil }

    func admitToEcho(_ request: Request) throws(Refusal) -> Grant {
        try gate.admitToEcho(request)
        return .echo(compression: Handshake.compression(offeredBy: request))
    }

    func admit(_ request: Request) throws(Refusal) -> Finding<Grant> {
        do throws(Refusal) {
            switch try gate.admit(request) {
            case .known(let admission): return .known(.chat(admission))
            case .asks(let ask): return .asks { () async throws(Refusal) in .chat(try await noting(request, ask)) }
            }
        } catch {
            note(error, request)
            throw error
        }
    }

    private func noting(
        _ request: Request, _ ask: @Sendable () async throws(Refusal) -> Admission
    ) async throws(Refusal) -> Admission {
        do throws(Refusal) {
            return try await ask()
        } catch {
            note(error, request)
            throw error
        }
    }

    private func note(_ refusal: Refusal, _ request: Request) {
        let name = (try? request.query.value(of: "username")).flatMap { $0 }.flatMap { try? Username($0) }
        edge.service.noteRefusal(
            username: name, address: request.client.map { "\($0)" }, reason: refusal.text)
    }

    /// - Returns: the headers of the 101 answer, at once.
    func answer(to request: Request, _ grant: Grant, on channel: any Channel) -> EventLoopFuture<HTTPHeaders> {
        let subprotocol: String? =
            if case .chat(let admission) = grant {
                dialects.dialect(offered: admission.subprotocols).subprotocol
            } else {
                nil
            }
        let extensions = agreement(grant)?.answer
        return Self.answers.buildUpgradeResponse(
            channel: channel, upgradeRequest: request.head, initialResponseHeaders: [:]
        ).map { headers in
            var headers = headers
            if let subprotocol { headers.add(name: "Sec-WebSocket-Protocol", value: subprotocol) }
            if let extensions { headers.add(name: "Sec-WebSocket-Extensions", value: extensions) }
            return headers
        }
    }

    /// Nil where this connection has no compression.
    private func agreement(_ grant: Grant) -> PerMessageDeflate? {
        dialects.encodings.compression == nil ? nil : grant.compression
    }

    /// Puts the connection into the pipeline. On the event loop, after the 101 answer.
    func configure(_ channel: any Channel, _ grant: Grant) throws {
        switch grant {
        case .chat(let admission):
            let connection = try connection(
                channel, grant, dialects.dialect(offered: admission.subprotocols), settings: settings)
            try install(connection, in: channel, maximumBytes: maximumFrameBytes)
            connection.conversation?.begin(admission)
        case .echo:
            guard let echoSettings else { throw ChannelError.operationUnsupported }
            let connection = try connection(channel, grant, .echo(in: dialects), settings: echoSettings)
            try install(connection, in: channel, maximumBytes: EchoConversation.maximumMessageBytes)
        }
    }

    /// The connection and its conversation hold each other until the connection is out of its pipeline.
    private func connection(
        _ channel: any Channel, _ grant: Grant, _ dialect: Dialect, settings: Connection.Settings
    ) throws -> Connection {
        guard let loop = edge.fanout.loop(of: channel) else { throw ChannelError.operationUnsupported }
        let window = agreement(grant)?.window
        let connection = Connection(
            channel: channel, connectionLoop: loop, dialect: dialect.name,
            encoding: dialects.encodings.encoding(dialect.encoding, window), framing: ServerFrame.self,
            settings: settings, compressor: window.flatMap { dialects.encodings.compression?[$0] },
            admission: grant.admission)
        connection.conversation = dialect.converse(connection, edge)
        return connection
    }

    private func install(_ connection: Connection, in channel: any Channel, maximumBytes: Int) throws {
        let frameBytes =
            connection.compressesMessages ? Inflater.compressedLimit(forInflated: maximumBytes) : maximumBytes
        if connection.isEncrypted {
            // A WebSocket ends in both directions at once. While one direction may end alone, the encryption would wait for
            // its time to be over although the peer has answered its goodbye.
            try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
        }
        let pipeline = channel.pipeline.syncOperations
        do {
            try pipeline.addHandler(WebSocketFrameEncoder())
            try pipeline.addHandler(ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: frameBytes)))
            try pipeline.addHandler(WebSocketHandler(connection, maximumBytes: maximumBytes))
        } catch {
            connection.conversation = nil
            throw error
        }
    }
}
