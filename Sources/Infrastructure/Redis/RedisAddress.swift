import NIOCore

/// Where a server listens: a Redis, or a sentinel.
public struct RedisAddress: Hashable, Sendable {
    /// A name or an IP address, the latter without brackets.
    public let host: String
    /// 1–65535.
    public let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Whether the host is a name, for which a certificate must be issued and for which the client may ask (SNI).
    var isNamed: Bool { (try? SocketAddress(ipAddress: host, port: port)) == nil }
}

extension RedisAddress: CustomStringConvertible {
    /// `host:port`, for logs and errors.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
