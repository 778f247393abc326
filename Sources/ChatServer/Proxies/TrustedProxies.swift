import NIOHTTP1
import Wire

/// Whose word about a client's address counts: the settings `trusted_proxies` and `proxy_protocol`.
struct TrustedProxies: Sendable {
    var ranges: [AddressRange] = []
    /// Whether these proxies begin each connection with a PROXY header.
    var sendHeader = false

    func contains(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }

    /// Who asks, by the `X-Forwarded-For` of a trusted proxy: the rightmost address that is not one of the proxies'.
    ///
    /// Each proxy adds the address of its client at the end, so what stands further left may be invented. Where an entry
    /// is no address, nothing further left counts.
    ///
    /// - Parameter peer: the other end of the socket.
    func client(of headers: HTTPHeaders, from peer: IPAddress) -> IPAddress {
        var client = peer
        for line in headers["x-forwarded-for"].reversed() {
            for entry in line.split(separator: ",", omittingEmptySubsequences: false).reversed() {
                guard contains(client), let address = Self.address(entry.trimmed) else { return client }
                client = address
            }
        }
        return client
    }

    /// With a port or without, an IPv6 address in brackets or not.
    private static func address(_ entry: Substring) -> IPAddress? {
        if let address = IPAddress(entry) { return address }
        guard let colon = entry.lastIndex(of: ":") else { return bracketed(entry) }
        let port = entry[colon...].dropFirst()
        guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return bracketed(entry)
        }
        let host = entry[..<colon]
        return host.contains(":") ? bracketed(host) : IPAddress(host)
    }

    private static func bracketed(_ entry: Substring) -> IPAddress? {
        entry.hasPrefix("[") && entry.hasSuffix("]") ? IPAddress(entry.dropFirst().dropLast()) : nil
    }
}
