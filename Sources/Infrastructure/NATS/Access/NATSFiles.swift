/// The files that the settings name for the connection to NATS, by their paths; an empty path: no such file.
public struct NATSFiles: Equatable, Sendable {
    /// `nats_ca_file`: PEM, the authorities that may sign the certificate of a NATS server. Without it: those of the system.
    public var authorities = ""
    /// `nats_certificate_file`: PEM, the certificate that is shown to NATS, followed by those of its issuers.
    public var certificate = ""
    /// `nats_key_file`: PEM, the private key of ``certificate``.
    public var key = ""
    /// `nats_nkey_seed_file`: the seed of a user's NKEY.
    public var seed = ""
    /// `nats_credentials_file`: a user's JWT and the seed of its NKEY, as `nsc` writes them.
    public var credentials = ""

    public init() {}

    /// Whether any of them has a meaning for encrypted connections only.
    public var areForEncryption: Bool { ![authorities, certificate, key].allSatisfy(\.isEmpty) }
}

/// Why a file for the connection to NATS cannot be used. Names the file, and nothing that stands in it.
public struct NATSFileError: Error, Equatable, CustomStringConvertible {
    /// The key of the setting.
    public let key: String
    /// The end of a sentence that begins with the key.
    public let description: String

    init(_ key: String, _ description: String) {
        self.key = key
        self.description = description
    }
}
