import NIOCore
import NIOSSL

/// Encrypts a connection, with a server that must have a certificate for its name.
///
/// An error before the server's first answer leaves this part of the pipeline as a ``RedisError`` in words. This
/// includes the time after the handshake: with TLS 1.3 a server refuses a client only then.
enum RedisTLS {
    /// The handlers next to the socket. Used only on the channel's event loop.
    static func add(_ context: NIOSSLContext, for address: RedisAddress, to channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        // Without a name, the certificate must be issued for the IP address to which the socket is connected.
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

    /// The causes that an operator can remove, without the words of the library.
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
        // The server may just be stopping.
        return .unreachable(
            text.contains("EOF DURING HANDSHAKE")
                ? "it ended the connection instead of answering in TLS" : "TLS failed: \(error)")
    }
}
