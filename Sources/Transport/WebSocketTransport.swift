public import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import WebSocketRules
public import Wire

/// The transport over TCP or TLS, on one event loop.
///
/// A connection costs its socket, its handlers and an entry in a table, but neither a thread nor a task. So one
/// transport per event loop of a group can carry thousands. Calls and reports of one transport stay on its loop.
public final class WebSocketTransport: ClientTransport {
    /// How messages are compressed for a server that agrees (RFC 7692), and that it may compress its own.
    public struct Compression: Equatable, Sendable {
        /// Messages with less are sent as they are.
        public var minimumBytes: Int

        public init(minimumBytes: Int = 512) {
            self.minimumBytes = minimumBytes
        }
    }

    /// The greatest size of a whole message that is taken, in bytes, where nobody says anything else.
    public static let largestMessage = 4 * 1024 * 1024

    private let loop: any EventLoop
    private let userAgent: String
    private let trust: TLSTrust
    private let token: @Sendable () throws -> String?
    private let sink: any ConnectionSink
    private let maximumBytes: Int
    private let compression: Compression?
    /// Made for the first connection that may be compressed.
    private let codec: NIOLoopBoundBox<MessageCodec?>
    /// Made for the first server with TLS.
    private let tls: NIOLoopBoundBox<NIOSSLContext?>
    /// The attempts under way, and those that are about to end.
    private let links: NIOLoopBoundBox<[Attempt: Link]>

    /// - Parameters:
    ///   - loop: the event loop on which everything happens, also the calls of `sink`; nil: one of NIO's shared loops.
    ///   - userAgent: the value of the `User-Agent` header.
    ///   - trust: the authorities that are trusted.
    ///   - compression: offered to servers; nil: it is not.
    ///   - maximumBytes: the greatest size of a whole message that is taken; beyond it the connection fails.
    ///   - token: called on the event loop for each attempt, so that a renewed token is used. The result goes into the
    ///     `Authorization` header, and must be visible ASCII. An error that it throws is reported as the reason why
    ///     there is no connection.
    public init(
        loop: (any EventLoop)? = nil, userAgent: String, trust: TLSTrust = .system,
        compression: Compression? = nil, maximumBytes: Int = WebSocketTransport.largestMessage,
        token: @escaping @Sendable () throws -> String? = { nil }, sink: any ConnectionSink
    ) {
        let loop = loop ?? MultiThreadedEventLoopGroup.singleton.next()
        self.loop = loop
        self.userAgent = userAgent
        self.trust = trust
        self.token = token
        self.sink = sink
        self.compression = compression
        self.maximumBytes = maximumBytes
        codec = .makeBoxSendingValue(nil, eventLoop: loop)
        tls = .makeBoxSendingValue(nil, eventLoop: loop)
        links = .makeBoxSendingValue([:], eventLoop: loop)
    }

    public func connect(_ attempt: Attempt, to address: ServerAddress, asking request: UpgradeRequest) {
        loop.execute { self.startConnecting(attempt, to: address, asking: request) }
    }

    public func send(_ text: ByteBuffer, number: Int?, on attempt: Attempt) {
        sending { self.links.value[attempt]?.session?.send(text, number: number) }
    }

    /// Sends one binary message; like ``send(_:number:on:)`` without a number.
    public func send(binary bytes: ByteBuffer, on attempt: Attempt) {
        sending { self.links.value[attempt]?.session?.send(binary: bytes) }
    }

    /// On the event loop at once, so that an answer to a message goes before the answer to the frame behind it.
    private func sending(_ work: @escaping @Sendable () -> Void) {
        if loop.inEventLoop { work() } else { loop.execute(work) }
    }

    public func close(_ attempt: Attempt, code: CloseCode) {
        loop.execute { self.links.value[attempt]?.session?.close(code) }
    }

    public func abandon(_ attempt: Attempt) {
        loop.execute { self.links.value[attempt]?.abandon() }
    }

    public func resumeReading() {
        loop.execute {
            for link in self.links.value.values { link.session?.resumeReading() }
        }
    }

    private func startConnecting(_ attempt: Attempt, to address: ServerAddress, asking request: UpgradeRequest) {
        let link = Link(attempt: attempt, sink: sink)
        links.value[attempt] = link
        let bound = NIOLoopBound(link, eventLoop: loop)
        let opening: Opening
        do {
            opening = Opening(
                address: address, request: request, userAgent: userAgent, token: try token(),
                tls: address.isSecure ? try tlsContext() : nil, maximumBytes: maximumBytes,
                codec: messageCodec().map { NIOLoopBound($0, eventLoop: loop) })
        } catch {
            link.end(.unreachable(String(describing: error)))
            return forget(attempt)
        }
        ClientBootstrap(group: loop)
            .connectTimeout(.seconds(10))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.configure(channel, link: bound.value, opening)
                }
            }
            .connect(host: address.host, port: address.port)
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    channel.closeFuture.whenComplete { _ in self.forget(attempt) }
                    bound.value.channel = channel
                    if bound.value.isOver { channel.close(promise: nil) }  // abandoned meanwhile
                case .failure(let error):
                    let words = TLSFailure.words(for: error, certificate: nil) ?? ConnectFailure.words(for: error)
                    bound.value.end(.unreachable(words))
                    self.forget(attempt)
                }
            }
    }

    private func messageCodec() -> MessageCodec? {
        guard let compression else { return nil }
        if let codec = codec.value { return codec }
        let made = MessageCodec(compression)
        codec.value = made
        return made
    }

    private func tlsContext() throws -> NIOSSLContext {
        if let context = tls.value { return context }
        let context = try trust.makeContext()
        tls.value = context
        return context
    }

    private func forget(_ attempt: Attempt) {
        links.value[attempt] = nil
    }

    /// The request on a new connection.
    struct Opening: Sendable {
        var address: ServerAddress
        var request: UpgradeRequest
        var userAgent: String
        var token: String?
        /// Set if the address is one with TLS.
        var tls: NIOSSLContext?
        var maximumBytes = WebSocketTransport.largestMessage
        /// Nil: compression is not offered.
        var codec: NIOLoopBound<MessageCodec>?

        /// The greatest frame that can belong to an acceptable message.
        var maximumFrameBytes: Int {
            codec == nil ? maximumBytes : Inflater.compressedLimit(forInflated: maximumBytes)
        }

        /// What the server's answer means for compression.
        enum Agreement {
            case none
            case compression(MessageCodec, PerMessageDeflate)
            /// It accepts what was not offered.
            case broken
        }

        /// On the event loop.
        func agreement(_ headers: HTTPHeaders) -> Agreement {
            let extensions = headers["Sec-WebSocket-Extensions"]
            guard !extensions.isEmpty else { return .none }
            guard let codec, let agreed = PerMessageDeflate(answeredBy: extensions) else { return .broken }
            return .compression(codec.value, agreed)
        }
    }

    /// Sets a new channel up for the handshake, and prepares the rest for its success.
    static func configure(_ channel: any Channel, link: Link, _ opening: Opening) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls = opening.tls {
            try pipeline.addHandler(try NIOSSLClientHandler(context: tls, serverHostname: opening.address.nameForTLS))
        }
        let request = opening.request
        let handshake = HandshakeHandler(link: link, opening)
        let bound = NIOLoopBound((link, handshake), eventLoop: channel.eventLoop)
        let upgrader = NIOWebSocketClientUpgrader(
            maxFrameSize: opening.maximumFrameBytes, automaticErrorHandling: false
        ) { channel, response in
            channel.eventLoop.makeCompletedFuture {
                let (link, handshake) = bound.value
                let agreement = opening.agreement(response.headers)
                var compression: (codec: MessageCodec, agreement: PerMessageDeflate)?
                if case .compression(let codec, let agreed) = agreement { compression = (codec, agreed) }
                let session = SessionHandler(
                    link: link, compression: compression, maximumBytes: opening.maximumBytes)
                try channel.pipeline.syncOperations.addHandler(session)
                channel.pipeline.syncOperations.removeHandler(handshake, promise: nil)
                link.session = session
                let chosen = response.headers.first(name: "Sec-WebSocket-Protocol")
                if let chosen, !request.subprotocols.contains(chosen) {
                    session.reject("it chose a subprotocol that it was not offered")  // §4.1
                } else if case .broken = agreement {
                    session.reject("it chose an extension that it was not offered")  // §4.1, RFC 7692 §7.1
                } else {
                    link.report(.opened(subprotocol: chosen))
                }
            }
        }
        try pipeline.addHTTPClientHandlers(
            // The first frames can be in the same packet as the response; they must not be lost.
            leftOverBytesStrategy: .forwardBytes,
            withClientUpgrade: ([upgrader], { _ in }))
        try pipeline.addHandler(handshake)
    }
}

extension ServerAddress {
    /// The name for which the certificate must be issued; without a name, the address to which the socket is connected.
    var nameForTLS: String? {
        (try? SocketAddress(ipAddress: host, port: port)) == nil ? host : nil
    }
}
