import NIOCore
import NIOSSL

/// The socket of a channel whose bytes go to it as they are: what is sent to the socket directly, the peer reads just like
/// what is written to the channel.
///
/// It exists for such channels only, and ``DirectOutput`` takes nothing else: what a channel encrypts cannot get past its
/// encryption.
struct PlainTransport {
    let channel: any Channel
    let socket: NIOBSDSocket.Handle

    /// On the channel's event loop, when its pipeline is complete.
    ///
    /// - Returns: nil where the channel encrypts, or has no socket.
    init?(of channel: any Channel) {
        if Self.isEncrypted(channel) { return nil }
        let handle: NIOBSDSocket.Handle? = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable { $0 }
        guard let socket = handle else { return nil }
        self.channel = channel
        self.socket = socket
    }

    /// Whether what is written to the channel is encrypted on its way. On its event loop, when its pipeline is complete.
    static func isEncrypted(_ channel: any Channel) -> Bool {
        (try? channel.pipeline.syncOperations.context(handlerType: NIOSSLHandler.self)) != nil
    }
}
