import NIOCore
import NIOHTTP1
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

    /// - Returns: headers for the 101 answer; nil to refuse, so that the request goes on to the router, which says why.
    func headers(for head: HTTPRequestHead) -> HTTPHeaders? {
        guard head.method == .GET, Admission.isEndpoint(head.uri), (try? gate.admit(head.uri)) != nil else {
            return nil
        }
        return Self.dialect(of: head) == .v2 ? ["Sec-WebSocket-Protocol": Self.v2Protocol] : [:]
    }

    /// The name of `chat.v2` among WebSocket subprotocols.
    static let v2Protocol = "chat.v2"

    /// The dialect that the client wants: the classic one unless it offers the other.
    private static func dialect(of head: HTTPRequestHead) -> Dialect {
        head.headers[canonicalForm: "Sec-WebSocket-Protocol"].contains { $0 == v2Protocol } ? .v2 : .classic
    }

    /// Puts the connection into the pipeline. On the event loop, after the 101 answer.
    func configure(_ channel: any Channel, _ head: HTTPRequestHead) throws {
        guard let loop = fanout.loop(of: channel) else { throw ChannelError.operationUnsupported }
        let admission = try Admission(uri: head.uri)
        let connection = Connection(
            channel: channel, connectionLoop: loop, fanout: fanout,
            limits: .init(messageBytes: maximumFrameBytes, sendBufferBytes: sendBufferBytes), gate: gate,
            metrics: metrics)
        let conversation: any Conversation =
            switch Self.dialect(of: head) {
            case .classic:
                ClassicConversation(service: service, connection: connection, errands: errands)
            case .v2:
                V2Conversation(
                    service: service, connection: connection, fanout: fanout, errands: errands, welcome: welcome,
                    metrics: metrics)
            }
        try channel.pipeline.syncOperations.addHandler(connection)
        // Each holds the other until the handler is removed: not before it is in.
        connection.conversation = conversation
        conversation.begin(admission)
    }
}
