import NIOCore
import NIOSSL

/// Why a TLS handshake did not come to its end, as a label of `chat_tls_handshakes_failed_total`.
enum HandshakeFailure: String, CaseIterable, Sendable {
    /// What came was no TLS, such as plain HTTP.
    case notTLS = "not_tls"
    /// The client offers nothing that the server agrees to: its version or its cipher suites are too old.
    case noAgreement = "no_agreement"
    /// The client said no: most often it does not trust the certificate.
    case refused
    /// The client hung up, or its time was over.
    case ended
    /// What came breaks the rules of TLS.
    case broken
    /// A client began a TLS handshake with a server that has no certificate.
    case notConfigured = "not_configured"

    init(_ error: any Error) {
        self = .broken
        if case NIOSSLError.uncleanShutdown = error { self = .ended }
        if error is IOError || error is ChannelError { self = .ended }
        let text = "\(error)".uppercased()
        // The library tells its reasons as text only. An alert of the client is named after what the client thinks.
        let known: [(HandshakeFailure, [String])] = [
            (.refused, ["ALERT"]),
            (.ended, ["EOF DURING HANDSHAKE", "EOFDURINGHANDSHAKE"]),
            (.notTLS, ["HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "WRONG_VERSION_NUMBER", "INVALID_SSL2_HEADER"]),
            (.noAgreement, ["UNSUPPORTED_PROTOCOL", "NO_SHARED_", "NO_COMMON_", "INAPPROPRIATE_FALLBACK"]),
        ]
        if let found = known.first(where: { $0.1.contains(where: text.contains) }) { self = found.0 }
    }

    /// Whether what a client sends first is the beginning of a TLS handshake: a record of type 22 in version 3.
    static func isHello(_ bytes: ByteBuffer) -> Bool {
        guard bytes.readableBytes >= 2 else { return false }
        return bytes.getInteger(at: bytes.readerIndex, as: UInt16.self) == 0x1603
    }
}
