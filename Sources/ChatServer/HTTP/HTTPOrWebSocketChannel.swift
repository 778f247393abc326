import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import Service
import Wire

/// Sets up the pipeline of an accepted socket: what a trusted proxy says of it, TLS where there is a certificate, and HTTP,
/// until a request for `/ws` is upgraded to a WebSocket.
struct HTTPOrWebSocketChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
    }

    let routes: Routes
    let upgrade: WebSocketUpgrade
    let errands: Errands
    let time: TimeSource
    let sockets: OpenSockets
    /// The time that a client has for a request.
    let handshake: TimeAmount
    /// Of a request's head, in bytes.
    let maximumHeadBytes: Int
    let proxies: TrustedProxies
    let limits: AddressLimits
    /// Nil: the port speaks no TLS.
    let certificates: CertificateStore?
    let metrics: EdgeMetrics

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            // TCP_NODELAY is inherited from the listening socket, for which NIO sets it. Most connections are quiet, so
            // the receive buffer begins small and grows with what the client sends.
            try channel.syncOptions?.setOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 256, maximum: 16_384))
            let watch = SocketWatch(
                channel, sockets, handshake: handshake, metrics: metrics, isEncrypted: certificates != nil)
            try channel.pipeline.syncOperations.addHandler(watch)
            let peer = channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
            if proxies.sendHeader, let peer, proxies.contains(peer) {
                let proxyHeader = ProxyHeaderHandler { [metrics] in
                    metrics.refused(.proxyHeader)
                } install: { client in
                    try serve(channel, watch, announcement: .client(client))
                }
                try channel.pipeline.syncOperations.addHandler(proxyHeader)
            } else {
                try serve(channel, watch, announcement: .none)
            }
            return Value(channel: channel)
        }
    }

    /// Adds the handlers that speak with the client. Nothing of what it has sent was read by then.
    private func serve(
        _ channel: any Channel, _ watch: SocketWatch, announcement: RequestSource.Announcement
    ) throws {
        let source = RequestSource(
            peerAddress: channel.remoteAddress, announcement: announcement, proxies: proxies)
        let (isFree, place) = limits.socketPlace(of: source.connectionClient)
        watch.place = place
        guard isFree else {
            metrics.refused(.addressSockets)
            // Not at once, nor as an error: the socket is still being set up, and a failure of that is the server's.
            return channel.eventLoop.execute { channel.close(promise: nil) }
        }
        if let certificates {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(NIOSSLServerHandler(context: certificates.context))
            try pipeline.addHandler(HandshakeWatch(metrics))
        }
        try HTTPConnection.install(
            in: channel, routes: routes, upgrade: upgrade, errands: errands, now: time.wall, watch: watch,
            source: source, maximumHeadBytes: maximumHeadBytes)
    }

    /// Does nothing: a connection runs on its event loop, and its waiting is done by errands.
    func handle(value: Value, logger: Logger) async {}
}
