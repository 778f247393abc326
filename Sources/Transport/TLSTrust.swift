import NIOCore
import NIOSSL

/// Which authorities may sign the certificate of a server with TLS.
public struct TLSTrust: Sendable {
    private let roots: NIOSSLTrustRoots

    /// The authorities that the system trusts.
    public static let system = TLSTrust(roots: .default)

    /// Why a file of authorities cannot be used, in words that follow the name of the file.
    public struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
        public var description: String
    }

    private init(roots: NIOSSLTrustRoots) { self.roots = roots }

    /// Only the authorities in a PEM file.
    public init(pem bytes: [UInt8]) throws(Problem) {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw Problem(description: "it holds no certificates in PEM format, or a damaged one")
        }
        roots = .certificates(certificates)
    }

    /// Takes milliseconds if the system's authorities must be read, so make it once, and only for a server with TLS.
    func makeContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = roots
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // WebSocket has already said goodbye by then.
        configuration.shutdownTimeout = .milliseconds(500)
        return try NIOSSLContext(configuration: configuration)
    }
}
