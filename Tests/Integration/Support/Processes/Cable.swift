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
    /// How many bytes still come through from the target, where that is limited.
    private let allowance = Mutex<Int?>(nil)

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
                            try far.pipeline.syncOperations.addHandler(Relay(to: near) { self.spend(&$0) })
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

    /// Ends the connection, wherever that may be, when so many more bytes have come from the target. New ones are taken.
    func cut(afterBytes count: Int) { allowance.withLock { $0 = count } }

    /// - Returns: whether the connection goes on behind what is left of `data`.
    private func spend(_ data: inout ByteBuffer) -> Bool {
        allowance.withLock { allowance in
            guard let rest = allowance else { return true }
            guard data.readableBytes >= rest else {
                allowance = rest - data.readableBytes
                return true
            }
            data.moveWriterIndex(to: data.readerIndex + rest)
            allowance = nil
            return false
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
    private let passes: (inout ByteBuffer) -> Bool

    /// - Parameter passes: may shorten what comes; false where that is to be the last.
    init(to other: any Channel, passes: @escaping (inout ByteBuffer) -> Bool = { _ in true }) {
        self.other = other
        self.passes = passes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        let goesOn = passes(&buffer)
        other.writeAndFlush(buffer, promise: nil)
        if !goesOn { other.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
}
