import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import Service

/// Sets up the pipeline of an accepted socket: TLS where there is a certificate, and HTTP, until a request for `/ws` is upgraded to a WebSocket.
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
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(watch)
            if let certificates {
                try pipeline.addHandler(NIOSSLServerHandler(context: certificates.context))
                try pipeline.addHandler(HandshakeWatch(metrics))
            }
            try HTTPConnection.install(
                in: channel, routes: routes, upgrade: upgrade, errands: errands, now: time.wall, watch: watch)
            return Value(channel: channel)
        }
    }

    /// Does nothing: a connection runs on its event loop, and its waiting is done by errands.
    func handle(value: Value, logger: Logger) async {}
}
