import NIOCore
import NIOSSL

/// What the server agrees to in a TLS handshake.
enum TLSPolicy {
    /// How long a peer may take to answer our close_notify, before its socket is closed all the same. WebSocket has said
    /// goodbye by then.
    static let shutdown = TimeAmount.seconds(1)

    /// The suites of TLS 1.2: a fresh key for each connection, and encryption with authentication. Those of TLS 1.3 are all
    /// like that and cannot be chosen.
    static let cipherSuites: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]

    static func configuration(_ chain: [NIOSSLCertificate], _ privateKey: NIOSSLPrivateKey) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = cipherSuites
        configuration.renegotiationSupport = .none
        // The server upgrades from HTTP/1.1 and speaks no HTTP/2.
        configuration.applicationProtocols = ["http/1.1"]
        configuration.shutdownTimeout = shutdown
        return configuration
    }
}
