import NIOCore

/// The first handler in the listening socket's pipeline. It stops accepting while no more sockets may be open, and for
/// a moment after the system could not give one. Meanwhile connecting clients wait in the kernel's queue.
///
/// Without it, a listening socket that is readable but cannot accept would keep its event loop busy.
final class AcceptPacing: ChannelInboundHandler {
    typealias InboundIn = any Channel

    /// How long accepting pauses after the system refused a socket.
    private static let backoff = TimeAmount.milliseconds(200)

    private let sockets: OpenSockets
    private var context: ChannelHandlerContext?
    private var isBackingOff = false
    private var isPaused = false
    private var timer: Scheduled<Void>?

    init(_ sockets: OpenSockets) { self.sockets = sockets }

    /// Called on any thread, as soon as the port is open.
    static func install(in listener: any Channel, _ sockets: OpenSockets) async throws {
        try await listener.eventLoop.submit {
            try listener.pipeline.syncOperations.addHandler(AcceptPacing(sockets), position: .first)
        }.get()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        look()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        sockets.opened(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        look()
        context.fireChannelReadComplete()
    }

    /// While the channel is active, only errors that it survives arrive here. They end here, since no later handler
    /// uses them.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        sockets.acceptFailed(error)
        isBackingOff = true
        look(isRefused: true)
        let pacing = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.backoff) {
            pacing.value.isBackingOff = false
            pacing.value.look()
        }
    }

    /// Accepts or pauses, depending on whether there is room.
    private func look(isRefused: Bool = false) {
        guard let context else { return }
        timer?.cancel()
        timer = nil
        let eventLoop = context.eventLoop
        let pacing = NIOLoopBound(self, eventLoop: eventLoop)
        let room = sockets.room(isRefused: isRefused) { eventLoop.execute { pacing.value.look() } }
        if case .full(let until?) = room {
            timer = eventLoop.assumeIsolated().scheduleTask(deadline: until) { [self] in look() }
        }
        pause(room != .free || isBackingOff)
    }

    private func pause(_ isToPause: Bool) {
        guard isToPause != isPaused, let context else { return }
        isPaused = isToPause
        // This fails only if the listening socket is closed, and then nothing is accepted anyway.
        try? context.channel.syncOptions?.setOption(.autoRead, value: !isToPause)
    }
}
