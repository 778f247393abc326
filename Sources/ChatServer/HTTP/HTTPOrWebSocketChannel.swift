import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket

/// Makes each accepted socket speak HTTP, with Hummingbird's router behind it, until `/ws` is upgraded to a WebSocket.
///
/// It uses NIO's untyped upgrade handler: the typed one loses the request where an `Upgrade` header is present and nobody
/// accepts it, so that a refused upgrade would get no answer. Here it falls through to the router, whose `/ws` route says
/// why.
struct HTTPOrWebSocketChannel: ServerChildChannel, HTTPChannelHandler {
    enum Negotiated: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        /// Taken over by its conversation.
        case webSocket
    }

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let negotiated: EventLoopFuture<Negotiated>
    }

    /// How long a client may take to send its first request, and between two.
    private static let idleTimeout = TimeAmount.seconds(60)

    let responder: HTTPChannelHandler.Responder
    let upgrade: WebSocketUpgrade

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let promise = channel.eventLoop.makePromise(of: Negotiated.self)
            let pipeline = channel.pipeline.syncOperations
            // They inherit TCP_NODELAY from the listening socket, for which NIO sets it.
            // Most connections are quiet: they begin with little memory for reading, and get more when they say more.
            try channel.syncOptions?.setOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 256, maximum: 16_384))
            let plain = PlainHTTP(negotiated: promise, idleTimeout: Self.idleTimeout, logger: logger)
            let installed = NIOLoopBound(plain, eventLoop: channel.eventLoop)
            let upgrader = NIOWebSocketServerUpgrader(
                maxFrameSize: upgrade.maximumFrameBytes,
                automaticErrorHandling: false,
                shouldUpgrade: { channel, head in channel.eventLoop.makeSucceededFuture(upgrade.headers(for: head)) },
                upgradePipelineHandler: { channel, head in
                    channel.eventLoop.makeCompletedFuture {
                        do {
                            try upgrade.configure(channel, head)
                        } catch {
                            channel.close(promise: nil)
                            throw error
                        }
                    }
                })
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false,
                withServerUpgrade: (
                    upgraders: [upgrader],
                    completionHandler: { context in
                        promise.succeed(.webSocket)
                        context.pipeline.syncOperations.removeHandler(installed.value, promise: nil)
                    }
                ),
                withErrorHandling: true)
            try pipeline.addHandler(plain)
            return Value(channel: channel, negotiated: promise.futureResult)
        }
    }

    /// Runs in the server's task group, as long as the connection speaks HTTP.
    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.negotiated.get() {
            case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
            case .webSocket: break
            }
        } catch {
            value.channel.close(promise: nil)  // it was closed before it had said what it wants
        }
    }
}

/// Waits for the first request that is no upgrade, and then puts Hummingbird's handlers in its own place.
private final class PlainHTTP: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// How long a client that was not understood may take to read why and hang up.
    private static let lastReading = TimeAmount.seconds(1)

    private let negotiated: EventLoopPromise<HTTPOrWebSocketChannel.Negotiated>
    private let idleTimeout: TimeAmount
    private let logger: Logger
    private var timeout: Scheduled<Void>?

    init(
        negotiated: EventLoopPromise<HTTPOrWebSocketChannel.Negotiated>, idleTimeout: TimeAmount, logger: Logger
    ) {
        self.negotiated = negotiated
        self.idleTimeout = idleTimeout
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: idleTimeout) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timeout?.cancel()
        // Of no effect but where the channel was closed before it was active: it tells its handlers nothing else.
        negotiated.fail(ChannelError.eof)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        if case .head(var head) = part, head.headers.contains(name: "upgrade") {
            // NIO's decoder reads nothing behind such a request, whoever answers it: the connection ends with the answer.
            head.headers.replaceOrAdd(name: "connection", value: "close")
            part = .head(head)
        }
        do {
            let pipeline = context.pipeline.syncOperations
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: .init(idleTimeout), logger: logger))
            negotiated.succeed(
                .http(
                    try NIOAsyncChannel(
                        wrappingChannelSynchronously: context.channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))))
            context.fireChannelRead(wrapInboundOut(part))
            pipeline.removeHandler(self, promise: nil)
        } catch {
            negotiated.fail(error)
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        negotiated.fail(ChannelError.eof)
        context.fireChannelInactive()
    }

    /// What cannot be parsed NIO's own handler has answered with 400, and nothing more comes. Other errors only say that an
    /// upgrade was not accepted; its request follows.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else { return }
        // What it still sends is read: were it left, TCP would tear the answer away with it.
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.lastReading) { channel.close(promise: nil) }
    }

    /// A socket that has not asked for anything must not hold up a shutdown, nor one whose client has hung up.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent, ChannelEvent.inputClosed: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }
}
