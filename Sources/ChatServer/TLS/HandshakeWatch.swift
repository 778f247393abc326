import NIOCore
import NIOTLS

/// Stands behind the encryption while a TLS handshake is under way, and counts it if it fails. Nothing is logged: whoever
/// can reach the port could fill the log.
final class HandshakeWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let metrics: EdgeMetrics
    private var isOver = false

    init(_ metrics: EdgeMetrics) { self.metrics = metrics }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            isOver = true
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // One failure can be reported in several steps.
        if !isOver { metrics.handshakeFailed(HandshakeFailure(error)) }
        isOver = true
        context.fireErrorCaught(error)
    }
}
