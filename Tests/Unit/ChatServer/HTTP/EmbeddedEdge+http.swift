import Domain
import NIOCore
import NIOEmbedded

@testable import ChatServer
@testable import SteppedService

extension EmbeddedEdge {
    /// The socket of a client that has connected and asked for nothing yet.
    func httpSocket(_ gate: Gate, echoes: Bool = false) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(loop: eventLoop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let service = chat.service
        let settings = Connection.Settings(fanout: fanout, gate: gate, sendBufferBytes: 1 << 20, metrics: metrics)
        let status = ServerStatus(instance: "test", started: .now, dependencies: [], gate: gate, service: service)
        let reader = RoomReader(identification: identification, adminToken: AdminToken("0123456789abcdef"))
        let access = AdminAccess(adminToken: nil, identification: nil)
        try HTTPConnection.install(
            in: channel,
            routes: Routes(
                status: status, service: service, metrics: registry,
                reader: reader,
                admin: AdminRoutes(access: access, service: service, status: status, now: { SteppedChat.now }),
                messages: RoomMessages(reader: reader, access: access, service: service),
                website: Website(pages: WebPages(), policy: PagePolicy(frameAncestors: []), directory: nil)),
            upgrade: WebSocketUpgrade(
                gate: gate, edge: shared, dialects: dialects, maximumFrameBytes: 64 << 10,
                settings: settings, echoSettings: echoes ? settings : nil),
            errands: errands, now: { SteppedChat.now })
        return channel
    }
}
