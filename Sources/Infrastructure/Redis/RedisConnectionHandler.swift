import DequeModule
import NIOCore

/// One connection to Redis: it writes commands, and gives each reply to the command that has waited longest.
///
/// It lives on its channel's event loop. A reply that is late, malformed or unexpected ends the connection, because the
/// following replies could not be matched with their commands.
final class RedisConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Waiting {
        let promise: EventLoopPromise<RedisReply>
        let deadline: NIODeadline
    }

    private let parser: RedisReplyParser
    private let timeout: TimeAmount
    private let maximumInFlight: Int
    private var waiting: Deque<Waiting> = []
    private var context: ChannelHandlerContext?
    /// All commands have the same time limit, so the first in the queue is the first to be late: one timer is enough.
    private var timer: Scheduled<Void>?
    /// The error that the server, or an earlier part of the pipeline, reported before the connection ended.
    private var refusal: RedisError?

    init(timeout: TimeAmount, maximumInFlight: Int) throws(RedisError) {
        parser = try RedisReplyParser()
        self.timeout = timeout
        self.maximumInFlight = maximumInFlight
    }

    /// Sends an encoded command. On the event loop only.
    func send(_ command: ByteBuffer, _ promise: EventLoopPromise<RedisReply>) {
        guard let context, context.channel.isActive else { return promise.fail(refusal ?? .notConnected) }
        guard waiting.count < maximumInFlight else { return promise.fail(RedisError.tooManyInFlight) }
        waiting.append(Waiting(promise: promise, deadline: .now() + timeout))
        context.writeAndFlush(wrapOutboundOut(command), promise: nil)
        startTimer()
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(RedisError) {
            try parser.feed(unwrapInboundIn(data))
            while let reply = try parser.next() {
                guard let first = waiting.popFirst() else {
                    // Too many clients, or protected mode: Redis says this before any command.
                    if case .error(let text) = reply { refusal = .answered(text) }
                    throw refusal ?? .protocolViolation("a reply to no command")
                }
                first.promise.succeed(reply)
            }
        } catch {
            end(error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.disconnected)
        context.fireChannelInactive()
    }

    /// An error of the socket is followed by its closing. The reason does not matter to the waiting commands, unless an
    /// earlier part of the pipeline has put it into words.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if refusal == nil { refusal = error as? RedisError }
        end(refusal ?? .disconnected)
    }

    private func end(_ error: RedisError) {
        timer?.cancel()
        timer = nil
        let failed = waiting
        waiting = []
        context?.close(promise: nil)
        for waiting in failed { waiting.promise.fail(error) }
    }

    private func startTimer() {
        guard timer == nil, let context, let deadline = waiting.first?.deadline else { return }
        let this = NIOLoopBound(self, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(deadline: deadline) { this.value.timerFired() }
    }

    private func timerFired() {
        timer = nil
        if let deadline = waiting.first?.deadline, deadline <= .now() { end(.timedOut) } else { startTimer() }
    }
}
