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
        let pipeline = channel.pipeline.syncOperations
        if (try? pipeline.context(handlerType: NIOSSLHandler.self)) != nil { return nil }
        let handle: NIOBSDSocket.Handle? = try? pipeline.withUnsafeTransportIfAvailable { $0 }
        guard let socket = handle else { return nil }
        self.channel = channel
        self.socket = socket
    }
}
