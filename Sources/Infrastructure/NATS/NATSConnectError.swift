import CNATS

/// Why the start cannot continue now, and whether waiting can help.
protocol StartObstacle: Error, CustomStringConvertible {
    var isPermanent: Bool { get }
}

/// Why none of the configured servers accepted the connection.
struct NATSConnectError: Error, CustomStringConvertible {
    struct Failure: Sendable {
        let server: NATSServerURL
        let error: NATSError
        /// What answers at the address; nil if nobody has checked.
        var greeting: NATSGreeting?
    }

    let failures: [Failure]

    /// In the order in which the servers were configured.
    init(_ failures: [Failure]) { self.failures = failures }

    /// Checks what answers at the addresses whose servers gave no reason. Takes some seconds per server.
    func examined() async -> NATSConnectError {
        var failures = failures
        for index in failures.indices where !failures[index].error.isRefusal {
            failures[index].greeting = await .of(failures[index].server)
        }
        return NATSConnectError(failures)
    }

    var description: String {
        guard failures.count > 1 else { return failures.first?.words ?? "no server is known" }
        return failures.map { "\($0.server.address): \($0.words)" }.joined(separator: "; ")
    }
}

extension NATSConnectError: StartObstacle {
    /// Waiting helps if at least one server may still come up or accept us.
    var isPermanent: Bool { failures.allSatisfy(\.isPermanent) }
}

extension NATSConnectError.Failure {
    fileprivate var isPermanent: Bool { error.isRefusal || greeting == .other }

    fileprivate var words: String {
        switch greeting {
        case .other: "it answers, but not as a NATS server: is the port right?"
        case .silence: "it takes connections and says nothing: is it a NATS server, and does it run? (\(error))"
        case .nats, .nobody, nil: hint.map { "\(error); \($0)" } ?? "\(error)"
        }
    }

    /// What to do about a refusal whose words do not say it.
    private var hint: String? {
        switch error.status {
        case NATS_SECURE_CONNECTION_REQUIRED: "it wants TLS: its URL must begin with tls://"
        case NATS_SECURE_CONNECTION_WANTED: "it has no TLS: its URL must begin with nats://"
        case NATS_SSL_ERROR where error.isRefusal:
            "its certificate is not trusted: it expired, is for another host, or nats_ca_file needs its issuer"
        // With TLS 1.3 a server refuses a client without a certificate after the handshake, and says no more.
        case NATS_PROTOCOL_ERROR where server.isEncrypted:
            "it ended the connection: where it asks for certificates, set nats_certificate_file"
        default: nil
        }
    }
}

extension NATSError {
    /// The server refuses us, or we refuse the server.
    fileprivate var isRefusal: Bool {
        switch status {
        case NATS_CONNECTION_AUTH_FAILED, NATS_SECURE_CONNECTION_REQUIRED, NATS_SECURE_CONNECTION_WANTED: true
        // OpenSSL names the certificate in the chain that it does not trust. A handshake can fail for other reasons,
        // too.
        case NATS_SSL_ERROR: detail.contains(":depth=")
        default: false
        }
    }
}
