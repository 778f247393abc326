import CNATS
import Foundation
import Synchronization

/// What connections to NATS prove themselves with, besides what stands in the URL, and which authorities they trust.
///
/// All connections share one value, since the files can be read again while the server runs.
public final class NATSAccess: Sendable {
    private let files: NATSFiles
    private let state: Mutex<NATSSecrets>

    /// Reads the files.
    ///
    /// - Throws: ``NATSFileError``.
    public init(_ files: NATSFiles) throws(NATSFileError) {
        self.files = files
        state = Mutex(try NATSSecrets(reading: files))
    }

    /// Whether there are any files.
    public var hasFiles: Bool { files != NATSFiles() }

    /// Reads the files again. The result counts for new connections.
    ///
    /// - Throws: ``NATSFileError``: then what was read before still counts.
    public func reload() throws(NATSFileError) {
        let secrets = try NATSSecrets(reading: files)
        state.withLock { $0 = secrets }
    }

    var secrets: NATSSecrets { state.withLock { $0 } }
}

/// What the files contain. It is in no description.
struct NATSSecrets: Sendable {
    /// What proves to NATS who we are: it asks for a signature, and with a JWT also for that.
    final class Login: Sendable {
        let token: String?
        let seed: NKeySeed

        init(token: String?, seed: NKeySeed) {
            self.token = token
            self.seed = seed
        }
    }

    private var authorities: String?
    private var chain: (certificates: String, key: String)?
    private(set) var login: Login?

    /// - Throws: ``NATSFileError`` if a file cannot be read, or has something else in it.
    init(reading files: NATSFiles) throws(NATSFileError) {
        if !files.authorities.isEmpty {
            authorities = try Self.text("nats_ca_file", files.authorities)
        }
        if !files.certificate.isEmpty, !files.key.isEmpty {
            chain = (
                try Self.text("nats_certificate_file", files.certificate), try Self.text("nats_key_file", files.key)
            )
        }
        if !files.credentials.isEmpty {
            let text = try Self.text("nats_credentials_file", files.credentials)
            guard let login = CredentialsFile(text) else {
                throw NATSFileError(
                    "nats_credentials_file", "\(files.credentials) has no JWT of a user with the seed of its NKEY in it"
                )
            }
            self.login = Login(token: login.token, seed: login.seed)
        } else if !files.seed.isEmpty {
            let text = try Self.text("nats_nkey_seed_file", files.seed)
            guard let seed = NKeySeed.first(in: text) else {
                throw NATSFileError("nats_nkey_seed_file", "\(files.seed) has no seed of a user's NKEY in it (SU…)")
            }
            login = Login(token: nil, seed: seed)
        }
        try check(files)
    }

    private static func text(_ key: String, _ path: String) throws(NATSFileError) -> String {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw NATSFileError(key, "\(path) cannot be read; is the path right, and may the server read it?")
        }
        // nats.c takes C strings, which end at the first NUL.
        guard let text = String(bytes: bytes, encoding: .utf8), !text.utf8.contains(0) else {
            throw NATSFileError(key, "\(path) is not a text")
        }
        return text
    }

    /// Lets nats.c read the certificates and the key now, so that what it cannot use stops the start.
    private func check(_ files: NATSFiles) throws(NATSFileError) {
        guard authorities != nil || chain != nil else { return }
        nats_Open(0)
        var options: OpaquePointer?
        guard natsOptions_Create(&options) == NATS_OK else { return }
        defer { natsOptions_Destroy(options) }
        if let authorities {
            guard authorities.contains("-----BEGIN CERTIFICATE-----"),
                natsOptions_SetCATrustedCertificates(options, authorities) == NATS_OK
            else {
                throw NATSFileError(
                    "nats_ca_file", "\(files.authorities) holds no certificates in PEM format, or a damaged one")
            }
        }
        if let chain {
            guard chain.certificates.contains("-----BEGIN CERTIFICATE-----") else {
                throw NATSFileError("nats_certificate_file", "\(files.certificate) holds no certificate in PEM format")
            }
            guard natsOptions_SetCertificatesChain(options, chain.certificates, chain.key) == NATS_OK else {
                throw NATSFileError(
                    "nats_key_file",
                    "\(files.key) holds no private key in PEM format that belongs to the certificate in "
                        + "\(files.certificate), or one of them is damaged")
            }
        }
    }

    /// Makes connections with these options use what the files contain.
    ///
    /// - Parameters:
    ///   - isEncrypted: the connection; else the certificates are left out.
    ///   - options: must not be used after ``login`` is released, to which they point.
    func install(in options: OpaquePointer?, isEncrypted: Bool) throws(NATSError) {
        if isEncrypted {
            if let authorities {
                try InfrastructureNATS.check(natsOptions_SetCATrustedCertificates(options, authorities))
            }
            if let chain {
                try InfrastructureNATS.check(natsOptions_SetCertificatesChain(options, chain.certificates, chain.key))
            }
        }
        guard let login else { return }
        let closure = Unmanaged.passUnretained(login).toOpaque()
        if login.token != nil {
            try InfrastructureNATS.check(
                natsOptions_SetUserCredentialsCallbacks(options, giveToken, closure, sign, closure))
        } else {
            try InfrastructureNATS.check(natsOptions_SetNKey(options, login.seed.publicKey, sign, closure))
        }
    }
}

extension NATSSecrets: CustomStringConvertible, CustomReflectable {
    var description: String { "files" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// Called by nats.c while it connects, on the thread that connects. nats.c frees the copy.
private func giveToken(
    _ token: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ closure: UnsafeMutableRawPointer?
) -> natsStatus {
    guard let closure, let token else { return NATS_INVALID_ARG }
    let login = Unmanaged<NATSSecrets.Login>.fromOpaque(closure).takeUnretainedValue()
    guard let text = login.token, let copy = strdup(text) else { return NATS_NO_MEMORY }
    token.pointee = copy
    return NATS_OK
}

/// Signs what the server wants signed. Called like ``giveToken(_:_:_:)``; nats.c frees the signature.
private func sign(
    _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ signature: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, _ length: UnsafeMutablePointer<Int32>?,
    _ nonce: UnsafePointer<CChar>?, _ closure: UnsafeMutableRawPointer?
) -> natsStatus {
    guard let closure, let nonce else { return NATS_INVALID_ARG }
    let login = Unmanaged<NATSSecrets.Login>.fromOpaque(closure).takeUnretainedValue()
    return nats_Sign(login.seed.text, nonce, signature, length)
}
