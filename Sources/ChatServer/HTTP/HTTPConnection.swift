import Domain
import NIOCore
import NIOHTTP1

/// Speaks HTTP/1.1 on one connection until one of its requests is upgraded, and then makes room for the WebSocket.
///
/// It stands behind NIO's parser and encoder for as long as the connection speaks HTTP, so that every request can be an
/// upgrade, not only the first. What is answered when is the ``RequestSequence``'s to decide.
///
/// NIO's parser reads nothing behind a request that asks for an upgrade. When that has been answered the parser is taken
/// out, together with what had come behind the request; in its place come the WebSocket's handlers, or a new parser.
final class HTTPConnection: ChannelInboundHandler, ChannelOutboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    typealias Parser = ByteToMessageHandler<HTTPRequestDecoder>

    /// How long a client may take to ask something, the first time and again, and to take the answer.
    private static let patience = TimeAmount.seconds(60)
    /// How long a client may take to read the last answer and hang up.
    private static let lastReading = TimeAmount.seconds(1)

    private let routes: Routes
    private let upgrade: WebSocketUpgrade
    private let errands: Errands
    private let now: @Sendable () -> Timestamp
    private let watch: SocketWatch?
    private let encoder: HTTPResponseEncoder
    private let meter: RequestMeterHandler
    /// Of a request's head, in bytes.
    private let maximumHeadBytes: Int
    private var parser: Parser

    private var context: ChannelHandlerContext?
    private var sequence: RequestSequence
    /// What had come behind a request for an upgrade when the parser was taken out.
    private var rest: ByteBuffer?
    private var isReadHeldBack = false
    private var isInputClosed = false
    /// The last answer is sent.
    private var isFinishing = false
    private var deadline = NIODeadline.distantFuture
    private var timeout: Scheduled<Void>?

    private init(
        routes: Routes, upgrade: WebSocketUpgrade, errands: Errands, now: @escaping @Sendable () -> Timestamp,
        watch: SocketWatch?, encoder: HTTPResponseEncoder, meter: RequestMeterHandler, parser: Parser,
        source: RequestSource, maximumHeadBytes: Int
    ) {
        self.routes = routes
        self.upgrade = upgrade
        self.errands = errands
        self.now = now
        self.watch = watch
        self.encoder = encoder
        self.meter = meter
        self.parser = parser
        self.maximumHeadBytes = maximumHeadBytes
        sequence = RequestSequence(source: source)
    }

    /// Makes a connection speak HTTP. On its event loop, before it is read from.
    ///
    /// - Parameters:
    ///   - watch: stands before all this, and hears which requests have come and are answered.
    ///   - source: nil: the other end of the socket.
    ///   - maximumHeadBytes: of a request's head, from its first byte to the empty line, that included.
    static func install(
        in channel: any Channel, routes: Routes, upgrade: WebSocketUpgrade, errands: Errands,
        now: @escaping @Sendable () -> Timestamp, watch: SocketWatch? = nil,
        source: RequestSource? = nil, maximumHeadBytes: Int = 16_384
    ) throws {
        let encoder = HTTPResponseEncoder()
        let parser = makeParser(maximumHeadBytes)
        let pipeline = channel.pipeline.syncOperations
        let meter = RequestMeterHandler(maximumHeadBytes: maximumHeadBytes)
        try pipeline.addHandler(encoder)
        try pipeline.addHandler(meter)
        try pipeline.addHandler(parser)
        try pipeline.addHandler(
            HTTPConnection(
                routes: routes, upgrade: upgrade, errands: errands, now: now, watch: watch, encoder: encoder,
                meter: meter, parser: parser, source: source ?? RequestSource(peerAddress: channel.remoteAddress),
                maximumHeadBytes: maximumHeadBytes))
    }

    private static func makeParser(_ maximumHeadBytes: Int) -> Parser {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = maximumHeadBytes
        limits.maxHeaderListSize = maximumHeadBytes
        // What had come behind a request for an upgrade is handed over as an error, since the next handler expects requests.
        return Parser(
            HTTPRequestDecoder(leftOverBytesStrategy: .fireError, limitConfiguration: limits),
            maximumBufferSize: 2 * maximumHeadBytes)
    }

    // MARK: Reading

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        allow(Self.patience)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timeout?.cancel()
        timeout = nil
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        sequence.receive(part)
        switch part {
        case .head:
            if let body = sequence.bodyBeingRead { meter.headEnded(body) }
        case .body: break
        case .end: meter.requestEnded()
        }
        proceed()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case ByteToMessageDecoderError.leftoverDataWhenDone(let bytes): rest = bytes
        case is ByteToMessageDecoderError.PayloadTooLargeError: fail(.headersTooLarge)  // a line that does not end
        case is ByteToMessageDecoderError: break  // more of what was not understood
        case is RequestMeterHandler.HeadTooLarge: fail(.headersTooLarge)
        case HTTPParserError.headerOverflow: fail(.headersTooLarge)
        case is HTTPParserError: fail(.unintelligible)
        default: context.close(promise: nil)  // the socket is broken
        }
    }

    private func fail(_ refusal: Refusal) {
        sequence.fail(refusal)
        proceed()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            isInputClosed = true
            if isFinishing { return context.close(promise: nil) }
            sequence.end()
            proceed()
        case is ChannelShouldQuiesceEvent:
            // A socket from which nothing was asked must not hold up a shutdown.
            if sequence.isIdle { return context.close(promise: nil) }
            sequence.end()
            proceed()
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func read(context: ChannelHandlerContext) {
        if sequence.isBusy {
            isReadHeldBack = true
        } else {
            context.read()
        }
    }

    private func resumeReading() {
        guard isReadHeldBack, !sequence.isBusy else { return }
        isReadHeldBack = false
        context?.read()
    }

    // MARK: Answering

    private func proceed() {
        guard context != nil, !isFinishing else { return }
        switch sequence.next() {
        case .wait: resumeReading()
        case .take(.respond(let request)): respond(to: request)
        case .take(.refuse(let refusal, let isHeadOnly)):
            upgrade.edge.metrics.refused(refusal.cause)
            write(Response(refusal), isHeadOnly: isHeadOnly)
        case .restartParser: takeParserOut { self.restartParser() }
        case .close: finish()
        }
    }

    private func respond(to request: Request) {
        allow(Self.patience)
        do throws(Refusal) {
            switch try Purpose(request, echoes: upgrade.echoes) {
            case .get(.chat): try decide(request)
            case .get(.echo): begin(try upgrade.admitToEcho(request), request)
            case .page: show(request)
            case let purpose: ask(for: purpose, request)
            }
        } catch {
            refuse(error, request)
        }
    }

    private func refuse(_ refusal: Refusal, _ request: Request) {
        watch?.requestIsComplete()
        write(Response(refusal, to: request), isHeadOnly: request.method == .HEAD)
    }

    /// Pages that are in memory need no errand.
    private func show(_ request: Request) {
        guard let response = routes.website.responseAtOnce(to: request) else { return ask(for: .page, request) }
        watch?.requestIsComplete()
        write(response, isHeadOnly: request.method == .HEAD)
    }

    private func ask(for purpose: Purpose, _ request: Request) {
        watch?.requestIsComplete()
        run { [routes] in
            await routes.response(to: request, for: purpose)
        } then: { connection, response in
            connection.write(response, isHeadOnly: request.method == .HEAD)
        }
    }

    /// Decides at once whether the client is let in, where that is possible. While somebody has to be asked, the time that
    /// the client has for its handshake goes on, and its socket counts as one without a request.
    private func decide(_ request: Request) throws(Refusal) {
        switch try upgrade.admit(request) {
        case .known(let grant):
            begin(grant, request)
        case .asks(let ask):
            run {
                do throws(Refusal) {
                    return Result<Grant, Refusal>.success(try await ask())
                } catch {
                    return .failure(error)
                }
            } then: { connection, decision in
                switch decision {
                case .success(let grant): connection.begin(grant, request)
                case .failure(let refusal): connection.refuse(refusal, request)
                }
            }
        }
    }

    /// Has `work` done off the event loop, and then `finish` on it. The connection may be closed by then.
    private func run<Value: Sendable>(
        _ work: @escaping @Sendable () async -> Value,
        then finish: @escaping @Sendable (HTTPConnection, Value) -> Void
    ) {
        guard let eventLoop = context?.eventLoop else { return }
        let connection = NIOLoopBound(self, eventLoop: eventLoop)
        errands.begin()
        errands.run { [errands] in
            let value = await work()
            eventLoop.execute {
                if connection.value.context != nil { finish(connection.value, value) }
                errands.end()
            }
        }
    }

    /// The next request has its turn once the socket has taken the answer: a client that does not read asks for one thing
    /// at a time.
    private func write(_ response: Response, isHeadOnly: Bool = false) {
        guard let context else { return }
        allow(Self.patience)
        let head = response.head(date: HTTPDate.text(now()), isLast: sequence.isLast)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !isHeadOnly, response.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(response.body))), promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess { [self] in
            watch?.requestIsAnswered(hasBegunNext: meter.isWithinRequest)
            sequence.answered()
            allow(Self.patience)
            proceed()
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }

    /// Ends the connection. What the client still sends is read and dropped: were it left, TCP would tear the answer away.
    private func finish() {
        guard let context else { return }
        isFinishing = true
        sequence.end()
        if isInputClosed { return context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        allow(Self.lastReading)
        resumeReading()
    }

    // MARK: Upgrading

    private func begin(_ grant: Grant, _ request: Request) {
        guard let context else { return }
        watch?.requestIsComplete()
        upgrade.answer(to: request, grant, on: context.channel).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let headers) where sequence.canUpgrade:
                takeParserOut { self.takeOver(grant, answering: headers) }
            case .success: write(Response(.badRequest("the connection cannot be upgraded")))
            case .failure: self.context?.close(promise: nil)
            }
        }
    }

    /// Does `work` when the parser is out of the pipeline, before anything else is read.
    private func takeParserOut(_ work: @escaping () -> Void) {
        guard let context else { return }
        context.pipeline.syncOperations.removeHandler(parser).assumeIsolated().whenComplete { _ in work() }
    }

    private func takeOver(_ grant: Grant, answering headers: HTTPHeaders) {
        guard let context else { return }
        guard sequence.canUpgrade else { return context.close(promise: nil) }
        timeout?.cancel()
        watch?.upgraded()
        let head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        let pipeline = context.pipeline.syncOperations
        pipeline.removeHandler(encoder, promise: nil)
        let rests = [rest.take(), meter.takeRest()].compactMap(\.self)
        pipeline.removeHandler(meter, promise: nil)
        do {
            try upgrade.configure(context.channel, grant)
        } catch {
            return context.close(promise: nil)
        }
        // Frames that came right behind the request, in their order; this handler is still the one before the decoder.
        for rest in rests { context.fireChannelRead(NIOAny(rest)) }
        if !rests.isEmpty { context.fireChannelReadComplete() }
        let channel = context.channel
        pipeline.removeHandler(context: context, promise: nil)
        if isReadHeldBack { channel.read() }
    }

    private func restartParser() {
        guard let context else { return }
        parser = Self.makeParser(maximumHeadBytes)
        do {
            try context.pipeline.syncOperations.addHandler(parser, position: .before(self))
        } catch {
            return context.close(promise: nil)
        }
        let hasRest = [rest.take(), meter.takeRest()].contains { $0 != nil }
        sequence.parserRestarted(hasRest: hasRest)
        proceed()
    }

    // MARK: Patience

    /// From now on the client has `time` for its next step.
    private func allow(_ time: TimeAmount) {
        guard let context else { return }
        deadline = context.eventLoop.now + time
        if isFinishing { timeout?.cancel() } else if timeout != nil { return }
        awaitDeadline(context)
    }

    /// The task is not moved with each step, but looks when it runs whether the deadline has moved.
    private func awaitDeadline(_ context: ChannelHandlerContext) {
        timeout = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            guard let context = self.context else { return }
            if deadline <= context.eventLoop.now { context.close(promise: nil) } else { awaitDeadline(context) }
        }
    }
}
