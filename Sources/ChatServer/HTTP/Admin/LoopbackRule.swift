import NIOHTTP1
import Wire

/// Whether a request was made on the server's own machine, by a program that means this server.
///
/// The address of the peer alone does not say that: a proxy on the same machine has it, too, and so has a browser that a
/// foreign page makes send something, or whose resolver says that a foreign name is this machine.
enum LoopbackRule {
    static func isMet(by request: Request) -> Bool {
        guard request.source.peer?.isLoopback == true else { return false }
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
            return IPAddress(authority[authority.index(after: authority.startIndex)..<end])?.isLoopback == true
        }
        let host = String(authority.prefix { $0 != ":" })
        return host == "localhost" || IPAddress(host)?.isLoopback == true
    }
}
