import Domain
import NIOSSL

/// A certificate with the chain to its authority, and its key, which belongs to it. A value: files are read elsewhere.
struct ServerCertificate: Sendable {
    /// When a certificate may be used.
    enum Validity: Equatable {
        case notYet
        case valid
        case over
    }

    let chain: [NIOSSLCertificate]
    let privateKey: NIOSSLPrivateKey
    /// What connections are encrypted with from now on.
    let context: NIOSSLContext
    /// The first and the last second in which the certificate is valid, counted from 1970.
    let validSeconds: ClosedRange<Int>

    /// - Parameter files: what errors name.
    init(
        certificatePEM: [UInt8], privateKeyPEM: [UInt8], of files: CertificateFiles
    ) throws(CertificateError) {
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(certificatePEM), let own = chain.first else {
            throw CertificateError(.certificate, files, "holds no certificate in PEM format, or a damaged one")
        }
        guard !Self.isEncrypted(privateKeyPEM) else {
            throw CertificateError(
                .privateKey, files,
                "is encrypted with a passphrase, which the server cannot ask for; `openssl pkey` writes it without one")
        }
        guard let privateKey = try? NIOSSLPrivateKey(bytes: privateKeyPEM, format: .pem) else {
            throw CertificateError(.privateKey, files, "holds no private key in PEM format, or a damaged one")
        }
        guard let context = try? NIOSSLContext(configuration: TLSPolicy.configuration(chain, privateKey)) else {
            throw CertificateError(
                .privateKey, files,
                "does not belong to the first certificate of \(files.certificate), or is of a kind that TLS does not use"
            )
        }
        self.chain = chain
        self.privateKey = privateKey
        self.context = context
        let (first, last) = (Int(own.notValidBefore), Int(own.notValidAfter))
        validSeconds = min(first, last)...last
    }

    func validity(at now: Timestamp) -> Validity {
        let seconds = Int(clamping: now.millisecondsSince1970 / 1000)
        if seconds < validSeconds.lowerBound { return .notYet }
        return seconds > validSeconds.upperBound ? .over : .valid
    }

    /// In the words of RFC 5958 and of RFC 1421, which OpenSSL used before.
    private static func isEncrypted(_ pem: [UInt8]) -> Bool {
        let text = String(decoding: pem, as: UTF8.self)
        return text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")
    }
}
