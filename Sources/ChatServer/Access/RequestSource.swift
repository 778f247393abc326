import NIOCore

/// Where a request comes from, as the connection tells. What TLS and trusted proxies tell of the client belongs here, too.
struct RequestSource: Sendable {
    /// The other end of the socket; nil where the system does not tell, most often since the client is gone already.
    let peerAddress: SocketAddress?
}
