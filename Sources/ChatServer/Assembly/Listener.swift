import Foundation
import NIOCore
import Service
import ServiceLifecycle

/// The HTTP server, with an error that says which port it could not open.
///
/// The services say their names themselves, since the lifecycle logs them at debug level: by default with all they hold.
struct Listener: ServiceLifecycle.Service, CustomStringConvertible {
    let server: any ServiceLifecycle.Service
    /// Returns once clients may come.
    let waitUntilReady: @Sendable () async throws -> Void
    let errands: Errands
    let host: String
    let port: Int

    var description: String { "Listener" }

    /// Returns when the last session is closed: what that needs stops later.
    func run() async throws {
        async let served: Void = errands.serve()
        try await listen()
        errands.finish()
        await served
    }

    private func listen() async throws {
        do {
            try await cancelWhenGracefulShutdown(waitUntilReady)
            try await server.run()
        } catch let error as IOError {
            let reason = String(cString: strerror(error.errnoCode))
            throw StartupError("port \(port) on \(host) cannot be opened: \(reason)")
        } catch is CancellationError {
            return  // asked to stop while it waited to start
        } catch is SocketAddressError {
            throw StartupError("host: \"\(host)\" is no address of this machine and no name of one")
        }
    }
}
