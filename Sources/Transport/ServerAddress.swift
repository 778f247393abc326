/// Where a server listens, as given on a command line.
public struct ServerAddress: Equatable, Sendable {
    /// A name or an address; IPv6 without brackets.
    public var host: String
    /// 1–65535.
    public var port: Int
    /// Uses TLS, with a server that must have a certificate for `host`.
    public var isSecure: Bool
    /// The path of the WebSocket endpoint; begins with a slash.
    public var path: String

    /// Why a text is not an address, in a sentence for the command line.
    public struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
        public var description: String
    }

    /// The port if there is neither a port nor a scheme.
    public static let defaultPort = 8080
    public static let defaultPath = "/ws"

    public init(host: String, port: Int, isSecure: Bool = false, path: String = defaultPath) {
        self.host = host
        self.port = port
        self.isSecure = isSecure
        self.path = path
    }

    /// Reads `host`, `host:port`, `:port`, `[ipv6]` and `[ipv6]:port`, each with or without `/ws` after it; or a URL.
    ///
    /// `ws://` and `wss://` name the endpoint itself, `http://` and `https://` the place that it is under, so that
    /// `wss://example.org/chat/ws` and `https://example.org/chat` are the same. Where a URL names no path the endpoint is
    /// ``defaultPath``, and where it names no port the port is that of its scheme.
    public init(_ text: String) throws(Problem) {
        if let scheme = text.firstRange(of: "://") {
            try self.init(url: text, scheme: text[..<scheme.lowerBound].lowercased(), rest: text[scheme.upperBound...])
            return
        }
        var rest = Substring(text)
        for suffix in ["/ws", "/"] where rest.hasSuffix(suffix) {
            rest = rest.dropLast(suffix.count)
            break
        }
        let (host, port) = try Self.split(rest, of: text)
        self.init(host: host, port: port ?? Self.defaultPort)
    }

    private init(url text: String, scheme: String, rest: Substring) throws(Problem) {
        guard ["ws", "wss", "http", "https"].contains(scheme) else {
            throw Problem(
                description: "'\(text)' is no server address; use host:port, or a URL that begins with ws:// or wss://."
            )
        }
        if rest.contains("@") {
            throw Problem(description: "a server address holds no name or password; give a token with --token-file.")
        }
        if rest.contains(where: { $0 == "?" || $0 == "#" }) {
            throw Problem(description: "'\(text)': a server address ends with its path; name and room are options.")
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let (host, port) = try Self.split(rest[..<slash], of: text)
        let isSecure = scheme == "wss" || scheme == "https"
        self.init(
            host: host, port: port ?? (isSecure ? 443 : 80), isSecure: isSecure,
            path: try Self.path(rest[slash...], isEndpoint: scheme.hasPrefix("ws"), of: text))
    }

    /// - Parameter isEndpoint: false: the path is the one above the endpoint.
    private static func path(_ path: Substring, isEndpoint: Bool, of text: String) throws(Problem) -> String {
        // RFC 3986 §3.3. Other characters could end the request line, or mean something else to a proxy.
        guard path.utf8.allSatisfy({ byte in isUnreserved(byte) || "!$&'()*+,;=:@%/".utf8.contains(byte) }) else {
            throw Problem(description: "'\(text)': other characters than a URL's are written as %XX in the path.")
        }
        if path.isEmpty || path == "/" { return defaultPath }
        if isEndpoint || path.hasSuffix("/ws") { return String(path) }
        return path.hasSuffix("/") ? "\(path)ws" : "\(path)/ws"
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func split(_ rest: Substring, of text: String) throws(Problem) -> (host: String, port: Int?) {
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else {
                throw Problem(description: "'\(text)' has a '[' without its ']'; IPv6 is written [::1]:8080.")
            }
            let host = rest[rest.index(after: rest.startIndex)..<end]
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || ":.%".contains($0) || $0.isLetter }) else {
                throw Problem(description: "'\(host)' is no IPv6 address; it is written [::1]:8080.")
            }
            let after = rest[rest.index(after: end)...]
            if after.isEmpty { return (String(host), nil) }
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
            return (host, nil)
        }
        return (host.isEmpty ? "localhost" : host, try port(parts[1], of: text))
    }

    private static func port(_ digits: Substring, of text: String) throws(Problem) -> Int {
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits),
            (1...65535).contains(port)
        else { throw Problem(description: "'\(digits)' in '\(text)' is no port; ports are 1 to 65535.") }
        return port
    }

    /// For the `Host` header: without an IPv6 zone, which means nothing elsewhere (RFC 9844 §6).
    public var authority: String {
        host.contains(":") ? "[\(host.prefix { $0 != "%" })]:\(port)" : "\(host):\(port)"
    }

    /// Whether the connection never leaves this machine, as far as the name shows.
    public var isLocal: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}

extension ServerAddress: CustomStringConvertible {
    /// For people, and readable by this type again: `host:port` with IPv6 in brackets, or a URL if more is needed.
    public var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        let place = path == Self.defaultPath ? "" : path
        if isSecure { return "wss://\(name)\(port == 443 ? "" : ":\(port)")\(place)" }
        return place.isEmpty ? "\(name):\(port)" : "ws://\(name):\(port)\(place)"
    }
}
