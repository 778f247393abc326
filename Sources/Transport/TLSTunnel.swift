public import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Gives programs that work on descriptors themselves connections with TLS: what they write in clear to one end of a pair
/// of local sockets leaves this process encrypted, and the other way round.
///
/// Safe to use from any thread.
public final class TLSTunnel: Sendable {
    private let group: any EventLoopGroup
    private let context: NIOSSLContext
    private let report: @Sendable (String) -> Void

    /// - Parameters:
    ///   - group: its loops encrypt.
    ///   - trust: the authorities that are trusted.
    ///   - report: told why a connection could not be made or was cut, in words for people. On any thread.
    public init(
        group: any EventLoopGroup, trust: TLSTrust, report: @escaping @Sendable (String) -> Void
    ) throws {
        self.group = group
        self.report = report
        context = try trust.makeContext()
    }

    /// Begins to connect.
    ///
    /// - Returns: a descriptor that does not block, which the caller closes. Its end means that the connection has ended, or
    ///   could not be made. Nil where the process has no more descriptors.
    public func connect(to address: ServerAddress) -> CInt? {
        var ends: [CInt] = [-1, -1]
        #if os(Linux)
            let kind = CInt(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        let eventLoop = group.next()
        let (context, report) = (context, report)
        ClientBootstrap(group: eventLoop)
            .channelOption(.autoRead, value: false)
            .withConnectedSocket(ends[1])
            .flatMap { near in
                ClientBootstrap(group: eventLoop)
                    .connectTimeout(.seconds(10))
                    .channelInitializer { far in
                        far.eventLoop.makeCompletedFuture {
                            let pipeline = far.pipeline.syncOperations
                            try pipeline.addHandler(
                                try NIOSSLClientHandler(context: context, serverHostname: address.nameForTLS))
                            try pipeline.addHandler(TunnelEnd(to: near, report: report))
                            try near.pipeline.syncOperations.addHandler(TunnelEnd(to: far, report: nil))
                        }
                    }
                    .connect(host: address.host, port: address.port)
                    .flatMapError { error in near.close().flatMapThrowing { throw error } }
                    .flatMap { _ in near.setOption(.autoRead, value: true) }
            }
            .whenFailure { error in
                report(TLSFailure.words(for: error, certificate: nil) ?? ConnectFailure.words(for: error))
            }
        return ends[0]
    }
}

/// Passes on what comes in to another channel of the same event loop, no faster than that takes it, and ends with it.
private final class TunnelEnd: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private let other: any Channel
    private let report: (@Sendable (String) -> Void)?
    private var isReadHeldBack = false
    private var context: ChannelHandlerContext?

    init(to other: any Channel, report: (@Sendable (String) -> Void)?) {
        self.other = other
        self.report = report
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        other.write(unwrapInboundIn(data), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { other.flush() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // The other end reads on as soon as this one takes more.
        if context.channel.isWritable {
            (try? other.pipeline.syncOperations.handler(type: TunnelEnd.self))?.readOn()
        }
    }

    func read(context: ChannelHandlerContext) {
        isReadHeldBack = !other.isWritable
        if !isReadHeldBack { context.read() }
    }

    private func readOn() {
        guard isReadHeldBack, let context else { return }
        read(context: context)
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let report,
            let words = TLSFailure.words(
                for: error, certificate: try? context.pipeline.syncOperations.nioSSL_peerCertificate())
        {
            report(words)
        }
        context.close(promise: nil)
    }
}
