import NIOCore
import NIOHTTP1
import Wire

/// Where requests come from, as their connection tells.
struct RequestSource: Sendable {
    /// What a trusted proxy has said about the connection before the first request.
    enum Announcement: Equatable {
        /// Nothing: there is no PROXY header.
        case none
        /// There was a header. Nil: the proxy speaks for itself, or does not know.
        case client(IPAddress?)
    }

    /// The other end of the socket; nil where the system does not tell, most often since the client is gone already.
    let peerAddress: SocketAddress?
    let peer: IPAddress?
    private let announcement: Announcement
    private let proxies: TrustedProxies

    init(
        peerAddress: SocketAddress?, announcement: Announcement = .none, proxies: TrustedProxies = TrustedProxies()
    ) {
        self.peerAddress = peerAddress
        self.announcement = announcement
        self.proxies = proxies
        peer = peerAddress?.ipAddress.flatMap { IPAddress($0) }
    }

    /// Whether a proxy stands in between for certain. That there is none cannot be known.
    var isProxied: Bool { announcement != .none || peer.map(proxies.contains) ?? false }

    /// Who sends a request with these headers: what a PROXY header said, else what a trusted proxy wrote into
    /// `X-Forwarded-For`, else the peer.
    func client(of headers: HTTPHeaders) -> IPAddress? {
        if case .client(let client) = announcement { return client ?? peer }
        guard let peer, proxies.contains(peer) else { return peer }
        return proxies.client(of: headers, from: peer)
    }

    /// Whose the connection is, as far as is known without a request. Nil also for that of a proxy, which may serve many.
    var connectionClient: IPAddress? {
        if case .client(let client?) = announcement { return client }
        return peer.flatMap { proxies.contains($0) ? nil : $0 }
    }
}
