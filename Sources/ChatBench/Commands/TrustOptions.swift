import ArgumentParser
import Foundation
import NIOPosix
import Transport

/// Whom the clients trust where an address begins with wss:// or https://.
struct TrustOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("With TLS, trust the authorities in this PEM file and no others.", valueName: "file"))
    var ca: String?

    func validate() throws { _ = try trust() }

    /// The authorities whose certificates are trusted.
    func trust() throws -> TLSTrust {
        guard let ca else { return .system }
        guard let pem = try? Data(contentsOf: URL(fileURLWithPath: ca)) else {
            throw ValidationError("The file of authorities \(ca) cannot be read.")
        }
        do throws(TLSTrust.Problem) {
            return try TLSTrust(pem: Array(pem))
        } catch {
            throw ValidationError("The file of authorities \(ca) cannot be used: \(error.description)")
        }
    }

    /// Encrypts for connections that are made of descriptors. Each reason for a failure is said once.
    func tunnel() throws -> TLSTunnel {
        try TLSTunnel(group: MultiThreadedEventLoopGroup.singleton, trust: try trust(), report: SaidOnce().say)
    }
}
