import NIOCore
import NIOHTTP1

/// Whether a request was made on the server's own machine, by a program that means this server.
///
/// The address of the peer alone does not say that: a proxy on the same machine has it, too, and so has a browser that a
/// foreign page makes send something, or whose resolver says that a foreign name is this machine.
enum LoopbackRule {
    static func isMet(by request: Request) -> Bool {
        guard let address = request.source.peerAddress?.ipAddress, isLoopback(address) else { return false }
        guard !request.source.isProxied else { return false }
        guard !request.headers.contains(where: { isForwarding($0.name.lowercased()) }) else { return false }
        let hosts = request.headers["host"]
        guard hosts.count == 1, let host = hosts.first?.lowercased(), isLoopback(authority: host) else { return false }
        // A target that names a host itself is meant for that one, whatever the header says (RFC 9112 §3.2.2).
        guard request.authority.map({ isLoopback(authority: $0.lowercased()) }) ?? true else { return false }
        // A browser names the page's origin; its own pages are those of this host.
        return request.headers["origin"].allSatisfy { origin in
            ["http://", "https://"].contains { origin.lowercased() == $0 + host }
        }
    }

    /// Headers by which a proxy says for whom it asks.
    private static func isForwarding(_ name: String) -> Bool {
        name.hasPrefix("x-forwarded") || others.contains(name)
    }

    private static let others: Set<String> = [
        "forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "cf-connecting-ip",
    ]

    /// - Parameter authority: a host, with a port or without; an IPv6 address stands in brackets.
    private static func isLoopback(authority: String) -> Bool {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return false }
            return isLoopback(String(authority[authority.index(after: authority.startIndex)..<end]))
        }
        let host = String(authority.prefix { $0 != ":" })
        return host == "localhost" || isLoopback(host)
    }

    /// 127.0.0.0/8 and ::1, also as IPv4 in IPv6.
    private static func isLoopback(_ address: String) -> Bool {
        guard let parsed = try? SocketAddress(ipAddress: address, port: 0) else { return false }
        switch parsed {
        case .v4: return address.hasPrefix("127.")
        case .v6: return parsed.ipAddress == "::1" || address.lowercased().hasPrefix("::ffff:127.")
        case .unixDomainSocket: return false
        }
    }
}
