import NIOCore
import NIOPosix
import Synchronization

/// Answers each connection with the next of the HTTP responses it was given, the last one again and again, and keeps what
/// it was asked.
final class CannedServer: Sendable {
    let port: Int
    private let listener: any Channel
    private let record: Record

    private final class Record: Sendable {
        let state: Mutex<(requests: [(text: String, at: ContinuousClock.Instant)], responses: [String])>
        init(_ responses: [String]) { state = Mutex(([], responses)) }
    }

    static func start(_ responses: [String]) async throws -> CannedServer {
        let port = try FreePort.pick()
        let record = Record(responses)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answer(record))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return CannedServer(port: port, listener: listener, record: record)
    }

    private init(port: Int, listener: any Channel, record: Record) {
        self.port = port
        self.listener = listener
        self.record = record
    }

    var requests: [(text: String, at: ContinuousClock.Instant)] { record.state.withLock { $0.requests } }

    func stop() async { try? await listener.close().get() }

    private final class Answer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let record: Record
        private var request = ""

        init(_ record: Record) { self.record = record }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            request += String(buffer: unwrapInboundIn(data))
            guard request.hasSuffix("\r\n\r\n") else { return }
            let response = record.state.withLock { state in
                state.requests.append((request, .now))
                return state.responses.count > 1 ? state.responses.removeFirst() : state.responses.first ?? ""
            }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: response)), promise: nil)
            context.close(promise: nil)
        }
    }
}
