/// Where a server listens, as given on a command line.
public struct ServerAddress: Equatable, Sendable {
    /// A name or an address; IPv6 without brackets.
    public var host: String
    /// 1–65535.
    public var port: Int

    /// Why something is no address, in a sentence for the command line.
    public struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
        public var description: String
    }

    public static let defaultPort = 8080

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host`, `host:port`, `:port`, `[ipv6]`, `[ipv6]:port`, each with or without `ws://` before it and `/ws` after.
    public init(_ text: String) throws(Problem) {
        var rest = Substring(text)
        if let scheme = text.firstRange(of: "://") {
            let name = text[..<scheme.lowerBound].lowercased()
            if name == "wss" || name == "https" {
                throw Problem(
                    description: "'\(text)' asks for TLS, which this client does not speak yet; use host:port.")
            }
            guard name == "ws" || name == "http" else {
                throw Problem(description: "'\(text)' is no server address; use host:port, for example localhost:8080.")
            }
            rest = text[scheme.upperBound...]
        }
        for suffix in ["/ws", "/"] where rest.hasSuffix(suffix) {
            rest = rest.dropLast(suffix.count)
            break
        }
        (host, port) = try Self.split(rest, of: text)
    }

    private static func split(_ rest: Substring, of text: String) throws(Problem) -> (String, Int) {
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else {
                throw Problem(description: "'\(text)' has a '[' without its ']'; IPv6 is written [::1]:8080.")
            }
            let host = rest[rest.index(after: rest.startIndex)..<end]
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || ":.%".contains($0) || $0.isLetter }) else {
                throw Problem(description: "'\(host)' is no IPv6 address; it is written [::1]:8080.")
            }
            let after = rest[rest.index(after: end)...]
            if after.isEmpty { return (String(host), defaultPort) }
            guard after.hasPrefix(":") else {
                throw Problem(description: "'\(text)': after ']' comes ':port' or nothing.")
            }
            return (String(host), try port(after.dropFirst(), of: text))
        }
        let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count > 2 {
            throw Problem(description: "'\(text)': an IPv6 address goes in brackets, as in [::1]:8080.")
        }
        let host = parts.first.map(String.init) ?? ""
        guard host.allSatisfy({ $0.isLetter || $0.isASCII && ($0.isNumber || "-._".contains($0)) }) else {
            throw Problem(description: "'\(host)' is no host name; use host:port, for example localhost:8080.")
        }
        if parts.count == 1 {
            guard !host.isEmpty else {
                throw Problem(description: "the server address is empty; use host:port, for example localhost:8080.")
            }
            return (host, defaultPort)
        }
        return (host.isEmpty ? "localhost" : host, try port(parts[1], of: text))
    }

    private static func port(_ digits: Substring, of text: String) throws(Problem) -> Int {
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits),
            (1...65535).contains(port)
        else { throw Problem(description: "'\(digits)' in '\(text)' is no port; ports are 1 to 65535.") }
        return port
    }
}

extension ServerAddress: CustomStringConvertible {
    /// `host:port`, with IPv6 in brackets: for people, and for the `Host` header.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
