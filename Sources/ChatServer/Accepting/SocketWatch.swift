import NIOCore

/// The first handler of a socket while it speaks HTTP. Closes the socket if its client does not complete its request in
/// time, however slowly it sends, or stays idle too long between two requests.
///
/// It stands before the encryption, where there is one. So the time of the TLS handshake is part of the request's, and a
/// socket is closed without waiting for the goodbye of TLS.
final class SocketWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let sockets: OpenSockets
    private let channel: any Channel
    private var clock: RequestClock
    private let metrics: EdgeMetrics
    /// Whether the first bytes are to be looked at: none have come, and they should be no TLS.
    private var awaitsPlainText: Bool
    private var context: ChannelHandlerContext?
    /// The place that the socket takes among those of its client's address until it is a WebSocket.
    var place: AddressPlace?
    private var timer: (at: NIODeadline, task: Scheduled<Void>)?

    /// The handler must be added to the pipeline before all others.
    ///
    /// - Parameter isEncrypted: whether the bytes that come are those of TLS.
    init(
        _ channel: any Channel, _ sockets: OpenSockets, handshake: TimeAmount, metrics: EdgeMetrics, isEncrypted: Bool
    ) {
        self.metrics = metrics
        awaitsPlainText = !isEncrypted
        self.channel = channel
        self.sockets = sockets
        clock = RequestClock(handshake: handshake, at: .now())
        sockets.opened(channel)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        awaitDeadline()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.task.cancel()
        timer = nil
        self.context = nil
        place?.giveBack()
    }

    /// Closes a socket at once, on any thread: without a goodbye of TLS, for which it would have to be waited.
    static func close(_ channel: any Channel) {
        channel.eventLoop.execute {
            let pipeline = channel.pipeline.syncOperations
            if let context = try? pipeline.context(handlerType: SocketWatch.self) {
                context.close(promise: nil)
            } else {
                channel.close(promise: nil)
            }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if awaitsPlainText {
            awaitsPlainText = false
            if HandshakeFailure.isHello(unwrapInboundIn(data)) { metrics.handshakeFailed(.notConfigured) }
        }
        clock.bytesCame(at: .now())
        awaitDeadline()
        context.fireChannelRead(data)
    }

    /// A request was read completely. Each call is followed by one of ``requestIsAnswered()`` or ``upgraded()``.
    func requestIsComplete() {
        clock.requestIsComplete()
        sockets.isAnswering(channel)
    }

    /// A response was written completely.
    ///
    /// - Parameter hasBegunNext: some of another request has come already.
    func requestIsAnswered(hasBegunNext: Bool) {
        guard clock.requestIsAnswered(hasBegunNext: hasBegunNext, at: .now()) else { return }
        sockets.isWaiting(channel)
        awaitDeadline()
    }

    /// The socket has become a WebSocket, and this handler leaves it alone from now on.
    func upgraded() {
        place?.giveBack()
        sockets.isUpgraded(channel)
        channel.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// Schedules a check of the deadline. The task is not rescheduled at each step; when it runs, it checks whether the
    /// deadline has moved.
    private func awaitDeadline() {
        guard let deadline = clock.deadline else { return }
        if let timer {
            guard deadline < timer.at else { return }
            timer.task.cancel()
        }
        let task = channel.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            timer = nil
            guard let deadline = clock.deadline, deadline <= .now() else { return awaitDeadline() }
            if clock.isAsking { sockets.timedOut() }
            context?.close(promise: nil)
        }
        timer = (deadline, task)
    }
}
