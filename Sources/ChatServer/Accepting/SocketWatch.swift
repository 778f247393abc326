import NIOCore

/// Stands first in a socket's pipeline while it speaks HTTP, and closes it when its client does not finish its request in
/// time, however slowly it sends it, or does not come with a next one.
final class SocketWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let sockets: OpenSockets
    private let channel: any Channel
    private var clock: RequestClock
    private var timer: (at: NIODeadline, task: Scheduled<Void>)?

    /// To be added to the pipeline before anything else.
    init(_ channel: any Channel, _ sockets: OpenSockets, handshake: TimeAmount) {
        self.channel = channel
        self.sockets = sockets
        clock = RequestClock(handshake: handshake, at: .now())
        sockets.opened(channel)
    }

    func handlerAdded(context: ChannelHandlerContext) { awaitDeadline() }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.task.cancel()
        timer = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        clock.bytesCame(at: .now())
        awaitDeadline()
        context.fireChannelRead(data)
    }

    /// All of a request has been read. Each is followed by ``requestIsAnswered()`` or ``upgraded()``.
    func requestIsComplete() {
        clock.requestIsComplete()
        sockets.isAnswering(channel)
    }

    /// All of an answer has been written.
    func requestIsAnswered() {
        guard clock.requestIsAnswered(at: .now()) else { return }
        sockets.isWaiting(channel)
        awaitDeadline()
    }

    /// The socket is a WebSocket, and no longer this one's business.
    func upgraded() {
        sockets.isUpgraded(channel)
        channel.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// The task is not moved to a later time with each step, but looks when it runs whether the deadline has moved.
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
            channel.close(promise: nil)
        }
        timer = (deadline, task)
    }
}
