import NIOCore
import Wire

/// Reads the PROXY header with which a trusted proxy begins a connection, and makes room for what follows it.
///
/// The handlers that speak with the client are not in the pipeline before: until the header is complete nobody knows who
/// the client is. The ``SocketWatch`` before this handler bounds the time.
final class ProxyHeaderHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// Adds the handlers that follow, for the client that the header names. On the event loop.
    private let install: (IPAddress?) throws -> Void
    private let onMalformed: () -> Void
    private var bytes = ByteBuffer()

    init(onMalformed: @escaping () -> Void, install: @escaping (IPAddress?) throws -> Void) {
        self.install = install
        self.onMalformed = onMalformed
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard context.channel.isActive else { return }
        var read = unwrapInboundIn(data)
        // Bounded: a header that is longer than allowed is malformed.
        bytes.writeBuffer(&read)
        switch ProxyHeader(bytes.readableBytesView) {
        case .incomplete: break
        case .malformed:
            onMalformed()
            context.close(promise: nil)
        case .complete(let client, let count):
            bytes.moveReaderIndex(forwardBy: count)
            do {
                try install(client)
            } catch {
                return context.close(promise: nil)
            }
            if bytes.readableBytes > 0 { context.fireChannelRead(NIOAny(bytes)) }
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed, is ChannelShouldQuiesceEvent: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
