import Foundation
import NIOCore
import NIOSSL
import Synchronization

/// Which authorities may sign the certificate of a Redis with TLS.
///
/// All connections share one value, since the file of authorities can be read again while the server runs.
public final class RedisTrust: Sendable {
    private struct State {
        var roots: NIOSSLTrustRoots
        /// Made when it is first needed, because reading all authorities of a system takes time.
        var context: NIOSSLContext?
    }

    private let path: String
    private let state: Mutex<State>

    /// The authorities that the system trusts.
    public static var system: RedisTrust { RedisTrust(path: "", roots: .default) }

    private init(path: String, roots: NIOSSLTrustRoots) {
        self.path = path
        state = Mutex(State(roots: roots))
    }

    /// Only the authorities in a PEM file.
    ///
    /// - Parameter path: empty: as ``system``.
    /// - Throws: ``RedisTrustError``, whose description follows the name of the key in an error line.
    public convenience init(authoritiesAt path: String) throws(RedisTrustError) {
        self.init(path: path, roots: try Self.roots(path))
    }

    /// Reads the file, or the authorities of the system, again. The result counts for new connections.
    ///
    /// - Throws: ``RedisTrustError``: then the authorities that were read before still count.
    public func reload() throws(RedisTrustError) {
        let roots = try Self.roots(path)
        state.withLock { $0 = State(roots: roots) }
    }

    private static func roots(_ path: String) throws(RedisTrustError) -> NIOSSLTrustRoots {
        guard !path.isEmpty else { return .default }
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw RedisTrustError(description: "\(path) cannot be read; is the path right, and may the server read it?")
        }
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(Array(bytes)), !certificates.isEmpty else {
            throw RedisTrustError(description: "\(path) holds no certificates in PEM format, or a damaged one")
        }
        return .certificates(certificates)
    }

    func context() throws(RedisError) -> NIOSSLContext {
        do {
            return try state.withLock { state in
                if let context = state.context { return context }
                let context = try Self.context(trusting: state.roots)
                state.context = context
                return context
            }
        } catch {
            throw .unreachable("TLS cannot be set up: \(error)")
        }
    }

    private static func context(trusting roots: NIOSSLTrustRoots) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = roots
        configuration.minimumTLSVersion = .tlsv12
        // A connection is abandoned because the server hangs, so the server will not answer a goodbye either.
        configuration.shutdownTimeout = .milliseconds(100)
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Why a file of authorities cannot be used. Names the file.
public struct RedisTrustError: Error, CustomStringConvertible {
    public let description: String
}
