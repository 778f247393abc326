import Foundation
import NIOCore
import NIOSSL

/// Whose certificates a Redis with TLS may show.
public struct RedisTrust: Sendable {
    private let roots: NIOSSLTrustRoots

    /// Those of the authorities that the system trusts.
    public static let system = RedisTrust(roots: .default)

    private init(roots: NIOSSLTrustRoots) { self.roots = roots }

    /// Those of the authorities in a PEM file, and of no others.
    ///
    /// - Parameter path: empty: as ``system``.
    /// - Throws: ``RedisTrustError``, whose description follows the name of the key in an error line.
    public init(authoritiesAt path: String) throws(RedisTrustError) {
        guard !path.isEmpty else {
            self = .system
            return
        }
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw RedisTrustError(description: "\(path) cannot be read; is the path right, and may the server read it?")
        }
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(Array(bytes)), !certificates.isEmpty else {
            throw RedisTrustError(description: "\(path) holds no certificates in PEM format, or a damaged one")
        }
        roots = .certificates(certificates)
    }

    func context() throws(RedisError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = roots
        configuration.minimumTLSVersion = .tlsv12
        // A connection is given up because the server hangs: it will not say goodbye either.
        configuration.shutdownTimeout = .milliseconds(100)
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .unreachable("TLS cannot be set up: \(error)")
        }
    }
}

/// Why a file of authorities cannot be used. Names the file.
public struct RedisTrustError: Error, CustomStringConvertible {
    public let description: String
}
