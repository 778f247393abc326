import HummingbirdCore
import Logging
import NIOCore
import Service

/// Makes each accepted socket speak HTTP, until a request for `/ws` is upgraded to a WebSocket.
struct HTTPOrWebSocketChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
    }

    let routes: Routes
    let upgrade: WebSocketUpgrade
    let errands: Errands
    let time: TimeSource
    let sockets: OpenSockets
    /// How long a client may take for a request.
    let handshake: TimeAmount

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            // They inherit TCP_NODELAY from the listening socket, for which NIO sets it.
            // Most connections are quiet: they begin with little memory for reading, and get more when they say more.
            try channel.syncOptions?.setOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 256, maximum: 16_384))
            let watch = SocketWatch(channel, sockets, handshake: handshake)
            try channel.pipeline.syncOperations.addHandler(watch)
            try HTTPConnection.install(
                in: channel, routes: routes, upgrade: upgrade, errands: errands, now: time.wall, watch: watch)
            return Value(channel: channel)
        }
    }

    /// Needs no task: what a connection has to wait for is an errand.
    func handle(value: Value, logger: Logger) async {}
}
