import NIOCore
import NIOSSL

/// Whose certificates a server with TLS may show.
public struct TLSTrust: Sendable {
    private let roots: NIOSSLTrustRoots

    /// Those of the authorities that the system trusts.
    public static let system = TLSTrust(roots: .default)

    /// Why a file of authorities cannot be used, in words that follow its name.
    public struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
        public var description: String
    }

    private init(roots: NIOSSLTrustRoots) { self.roots = roots }

    /// Those of the authorities in a PEM file, and of no others.
    public init(pem bytes: [UInt8]) throws(Problem) {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw Problem(description: "it holds no certificates in PEM format, or a damaged one")
        }
        roots = .certificates(certificates)
    }

    /// Costs milliseconds where the system's authorities have to be read: to be made once, and only for a server with TLS.
    func makeContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = roots
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // WebSocket has said goodbye by then.
        configuration.shutdownTimeout = .milliseconds(500)
        return try NIOSSLContext(configuration: configuration)
    }
}
