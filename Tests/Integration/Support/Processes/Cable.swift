import NIOCore
import NIOPosix
import Synchronization

/// A TCP relay between one instance and one of its servers, so that this one link can be cut while all others hold.
final class Cable: Sendable {
    let port: Int
    private let target: Int
    private let listener = Mutex<(any Channel)?>(nil)
    private let links = Mutex<[any Channel]>([])
    /// The far ends of ``links``.
    private let partners = Mutex<[any Channel]>([])

    init(to target: Int) throws {
        port = try FreePort.pick()
        self.target = target
    }

    /// Begins, or begins again, to take connections.
    func mend() async throws {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [self] near in
                links.withLock { $0.append(near) }
                return ClientBootstrap(group: near.eventLoop)
                    .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .channelInitializer { far in
                        self.partners.withLock { $0.append(far) }
                        return far.eventLoop.makeCompletedFuture {
                            try far.pipeline.syncOperations.addHandler(Relay(to: near))
                            try near.pipeline.syncOperations.addHandler(Relay(to: far))
                        }
                    }
                    .connect(host: "127.0.0.1", port: target)
                    .flatMap { _ in near.setOption(.autoRead, value: true) }
            }
        // Connections of the last time may keep the port for a moment.
        try await eventually("port \(port) to be free again", within: .seconds(5)) { [self] in
            guard let channel = try? await bootstrap.bind(host: "127.0.0.1", port: port).get() else { return false }
            listener.withLock { $0 = channel }
            return true
        }
    }

    /// Swallows everything: connections stay open, and nothing comes through in either direction. ``cut()`` ends it.
    func stall() async {
        for link in links.withLock({ $0 }) { try? await link.setOption(.autoRead, value: false).get() }
        for link in partners.withLock({ $0 }) { try? await link.setOption(.autoRead, value: false).get() }
    }

    /// Ends all connections and takes no new ones.
    func cut() async {
        let listening = listener.withLock { listener in
            defer { listener = nil }
            return listener
        }
        try? await listening?.close().get()
        let open = links.withLock { links in
            defer { links.removeAll() }
            return links
        }
        partners.withLock { $0.removeAll() }
        for link in open { try? await link.close().get() }
    }
}

/// Passes on what it reads; ends the other side with its own.
final class Relay: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let other: any Channel

    init(to other: any Channel) { self.other = other }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
}
