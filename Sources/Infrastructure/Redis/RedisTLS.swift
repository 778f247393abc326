import NIOCore
import NIOSSL

/// Encrypts a connection, with a server that has to show a certificate for its name.
///
/// What goes wrong before the server's first answer leaves this part of the pipeline as a ``RedisError`` in words. That
/// is later than the handshake: with TLS 1.3 a server refuses a client only after it.
enum RedisTLS {
    /// The handlers nearest to the socket. On the channel's event loop only.
    static func add(_ context: NIOSSLContext, for address: RedisAddress, to channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        // Without a name the certificate has to show the IP address that the socket is connected to.
        try pipeline.addHandler(
            try NIOSSLClientHandler(context: context, serverHostname: address.isNamed ? address.host : nil))
        try pipeline.addHandler(Interpreter())
    }

    private final class Interpreter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private var isAnswered = false

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            isAnswered = true
            context.fireChannelRead(data)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.fireErrorCaught(isAnswered ? error : RedisTLS.explained(error))
        }
    }

    /// What an operator can do something about, without the library's words.
    static func explained(_ error: any Error) -> RedisError {
        if let error = error as? NIOSSLExtraError {
            switch error {
            case .failedToValidateHostname:
                return .misconfigured("its certificate is for another host name or address")
            case .serverHostnameImpossibleToMatch, .invalidSNIHostname:
                return .misconfigured(
                    "its host name is one that no certificate can have: only letters, digits, hyphens and dots")
            default: break
            }
        }
        let text = "\(error)".uppercased()
        let known = [
            (
                "CERTIFICATE_VERIFY_FAILED",
                "its certificate is not trusted: it expired, or redis_ca_file needs its issuer"
            ),
            (
                "CERTIFICATE_REQUIRED",
                "it wants a certificate of the client, which is not supported (tls-auth-clients no)"
            ),
            ("WRONG_VERSION_NUMBER", "it does not speak TLS on this port; without TLS the URL begins with redis"),
            ("PROTOCOL_VERSION", "it does not speak TLS 1.2 or newer"),
        ]
        if let reason = known.first(where: { text.contains($0.0) })?.1 { return .misconfigured(reason) }
        // It may just be stopping.
        return .unreachable(
            text.contains("EOF DURING HANDSHAKE")
                ? "it ended the connection instead of answering in TLS" : "TLS failed: \(error)")
    }
}
