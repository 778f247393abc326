import NIOCore
import NIOPosix
import Synchronization

/// Takes connections and never says a word, as a server that hangs.
final class SilentServer: Sendable {
    let port: Int
    private let listener: any Channel
    private let accepted: Accepted

    private final class Accepted: Sendable {
        let count = Atomic(0)
    }

    static func start() async throws -> SilentServer {
        let port = try FreePort.pick()
        let accepted = Accepted()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                accepted.count.add(1, ordering: .relaxed)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: port).get()
        return SilentServer(port: port, listener: listener, accepted: accepted)
    }

    private init(port: Int, listener: any Channel, accepted: Accepted) {
        self.port = port
        self.listener = listener
        self.accepted = accepted
    }

    /// Connections so far.
    var connections: Int { accepted.count.load(ordering: .relaxed) }

    func stop() async { try? await listener.close().get() }
}
