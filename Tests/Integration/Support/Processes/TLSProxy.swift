import NIOCore
import NIOPosix
import NIOSSL

/// Ends TLS before a server that speaks none, as proxies do.
final class TLSProxy: Sendable {
    let port: Int
    private let listener: any Channel

    /// - Parameters:
    ///   - certificate: a PEM file, as is `key`.
    ///   - target: the port on 127.0.0.1 to pass everything on to.
    static func start(certificate: String, key: String, to target: Int) async throws -> TLSProxy {
        let port = try FreePort.pick()
        let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))))
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { near in
                near.eventLoop.makeCompletedFuture {
                    try near.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                }.flatMap {
                    ClientBootstrap(group: near.eventLoop)
                        .channelInitializer { far in
                            far.eventLoop.makeCompletedFuture {
                                try far.pipeline.syncOperations.addHandler(Relay(to: near))
                                try near.pipeline.syncOperations.addHandler(Relay(to: far))
                            }
                        }
                        .connect(host: "127.0.0.1", port: target)
                }
                .flatMap { _ in near.setOption(.autoRead, value: true) }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return TLSProxy(port: port, listener: listener)
    }

    private init(port: Int, listener: any Channel) {
        self.port = port
        self.listener = listener
    }

    func stop() async { try? await listener.close().get() }
}
