import Domain
import InfrastructureFiles
import Logging
import NIOSSL
import Service
import ServiceLifecycle
import Synchronization

/// The server's certificate, which is read again when its files change. Connections keep the one that they began with.
///
/// Safe to use from any thread. Files are read by ``run()`` and ``reload()`` only, which event loops do not call.
final class CertificateStore: ServiceLifecycle.Service, CustomStringConvertible {
    /// How often the files are looked at. They are read when they have stood still for that long: a change counts after
    /// a second.
    private static let tick = Duration.milliseconds(500)

    private let files: CertificateFiles
    private let time: TimeSource
    private let logger: Logger
    private let current: Mutex<ServerCertificate>
    /// Held while files are read, so that two who read do not undo each other's work.
    private let watch: Mutex<FileWatch<[FileVersion?]>>

    var description: String { "CertificateStore" }

    /// Reads the files.
    ///
    /// - Throws: ``CertificateError`` where they cannot be used. A certificate that is over is presented, with a warning.
    init(_ files: CertificateFiles, time: TimeSource, logger: Logger) throws(CertificateError) {
        self.files = files
        self.time = time
        self.logger = logger
        watch = Mutex(FileWatch(read: files.versions))
        let certificate = try files.read()
        current = Mutex(certificate)
        warnIfInvalid(certificate)
    }

    /// What a connection that begins now is encrypted with.
    var context: NIOSSLContext { current.withLock(\.context) }

    /// The last second in which the certificate is valid, counted from 1970.
    var notAfter: Int { current.withLock(\.validSeconds.upperBound) }

    /// Reads the files again whenever they change, until the server stops.
    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                look()
                try? await Task.sleep(for: Self.tick)
            }
        }
    }

    /// Reads the files again if they have changed and stand still.
    func look() {
        watch.withLock { watch in
            if watch.look(at: files.versions) { readAgain() }
        }
    }

    /// Reads the files again, whether they have changed or not.
    func reload() {
        watch.withLock { watch in
            watch.wasRead(files.versions)
            readAgain()
        }
    }

    /// A pair that cannot be used is reported once: it is not read again before it changes.
    private func readAgain() {
        do throws(CertificateError) {
            let certificate = try files.read()
            current.withLock { $0 = certificate }
            logger.notice("the certificate was read again; connections that begin now are shown it")
            warnIfInvalid(certificate)
        } catch {
            logger.error(
                "the certificate cannot be used; the one that was read before counts", metadata: ["error": "\(error)"])
        }
    }

    private func warnIfInvalid(_ certificate: ServerCertificate) {
        switch certificate.validity(at: time.wall()) {
        case .valid: break
        case .notYet: logger.warning("the certificate of tls_certificate_file is not valid yet; clients will refuse it")
        case .over: logger.warning("the certificate of tls_certificate_file has expired; clients will refuse it")
        }
    }
}
