import InfrastructureConfiguration
import InfrastructureFiles
import NIOSSL

/// The two files that the server's certificate and its key are read from.
struct CertificateFiles: Equatable, Sendable {
    /// The most that is read of each file, in bytes. A chain of ten certificates has some 20 KiB.
    static let maximumBytes = 256 << 10

    let certificate: String
    let privateKey: String

    /// - Returns: nil where the configuration asks for no TLS.
    init?(_ configuration: ChatConfiguration) {
        guard configuration.isTLSOn else { return nil }
        self.init(certificate: configuration.tlsCertificateFile, privateKey: configuration.tlsPrivateKeyFile)
    }

    init(certificate: String, privateKey: String) {
        self.certificate = certificate
        self.privateKey = privateKey
    }

    /// What tells one content of both files from the next. Links are followed, so that one link that is set anew, as
    /// Kubernetes does it with the directory of a secret, changes both.
    var versions: [FileVersion?] { [FileVersion(path: certificate), FileVersion(path: privateKey)] }

    /// Reads both files, and checks that they belong together. May block: not for event loops.
    func read() throws(CertificateError) -> ServerCertificate {
        try ServerCertificate(certificatePEM: try bytes(.certificate), privateKeyPEM: try bytes(.privateKey), of: self)
    }

    private func bytes(_ file: CertificateError.File) throws(CertificateError) -> [UInt8] {
        guard let bytes = SmallFile.bytes(at: path(of: file), atMost: Self.maximumBytes + 1) else {
            throw CertificateError(
                file, self, "cannot be read; is the path right, and may the server read it?")
        }
        guard bytes.count <= Self.maximumBytes else {
            throw CertificateError(file, self, "has more than \(Self.maximumBytes >> 10) KiB")
        }
        return bytes
    }

    func path(of file: CertificateError.File) -> String {
        switch file {
        case .certificate: certificate
        case .privateKey: privateKey
        }
    }
}

/// Why the server cannot present a certificate: one line that names the key of the configuration. It holds nothing of the
/// files.
struct CertificateError: Error, Equatable, CustomStringConvertible {
    enum File: String {
        case certificate = "tls_certificate_file"
        case privateKey = "tls_private_key_file"
    }

    let description: String

    /// - Parameter words: follow the path of the file.
    init(_ file: File, _ files: CertificateFiles, _ words: String) {
        description = "\(file.rawValue): \(files.path(of: file)) \(words)"
    }
}
