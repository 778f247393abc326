/// From where a page comes, as a browser's `Origin` header says (RFC 6454 §7).
public enum Origin: Hashable, Sendable {
    /// What browsers say for pages from files, from sandboxes, and where they do not want to tell.
    case null
    /// `authority` is the host with its port, in lower case, without a port that is the scheme's own.
    case page(scheme: String, authority: String)

    /// Reads `https://chat.example.com`, `http://localhost:3000` or `null`.
    ///
    /// - Returns: nil if there is anything else in it: a path, a closing slash, a name of a user, a wildcard.
    public init?(_ text: some StringProtocol) {
        if text == "null" {
            self = .null
            return
        }
        let bytes = text.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8) else {
            return nil
        }
        let (scheme, authority) = (bytes[..<colon], bytes[colon...].dropFirst(3))
        guard let first = scheme.first, PercentCoding.isLetterOrDigit(first),
            scheme.allSatisfy({ PercentCoding.isLetterOrDigit($0) || "+-.".utf8.contains($0) }),
            let name = Self.authority(authority)
        else { return nil }
        let lowered = String(decoding: scheme, as: UTF8.self).lowercased()
        self = .page(scheme: lowered, authority: Self.withoutOwnPort(name, of: lowered))
    }

    /// Whether the page is one of the host that a request asks, by its `Host` header. The schemes are not compared: behind
    /// a proxy that ends TLS the server does not know its own.
    public func isOf(host: String) -> Bool {
        guard case .page(let scheme, let authority) = self, let host = Self.authority(host.utf8) else { return false }
        return Self.withoutOwnPort(host, of: scheme) == authority
    }

    /// - Returns: in lower case; nil where it is no host with or without a port.
    private static func authority(_ bytes: some Collection<UInt8>) -> String? {
        let text = String(decoding: bytes, as: UTF8.self).lowercased()
        var rest = text[...]
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]"), IPAddress(rest[..<end].dropFirst()) != nil else { return nil }
            rest = rest[rest.index(after: end)...]
        } else {
            let host = rest.prefix { $0 != ":" }
            guard !host.isEmpty, host.utf8.allSatisfy({ PercentCoding.isLetterOrDigit($0) || "-._".utf8.contains($0) })
            else { return nil }
            rest = rest[host.endIndex...]
        }
        guard !rest.isEmpty else { return text }
        guard rest.first == ":", let port = Int(rest.dropFirst()), (1...65_535).contains(port),
            "\(port)" == rest.dropFirst()
        else { return nil }
        return text
    }

    private static func withoutOwnPort(_ authority: String, of scheme: String) -> String {
        let port =
            switch scheme {
            case "http", "ws": ":80"
            case "https", "wss": ":443"
            default: ""
            }
        return !port.isEmpty && authority.hasSuffix(port) ? String(authority.dropLast(port.utf8.count)) : authority
    }
}

/// The origins of pages that may use the server, besides its own host's.
public struct AllowedOrigins: Equatable, Sendable {
    private var origins: Set<Origin> = []
    private var allowsAll = false

    /// None.
    public init() {}

    /// Reads a list with commas; `*` allows all.
    ///
    /// - Throws: ``OriginListError`` with the first item that is no origin.
    public init(_ text: String) throws(OriginListError) {
        for item in text.split(separator: ",") {
            let item = item.trimmed
            if item == "*" {
                allowsAll = true
            } else if let origin = Origin(item) {
                origins.insert(origin)
            } else {
                throw OriginListError(item: String(item))
            }
        }
    }

    /// - Parameter text: an `Origin` header. One that is none is allowed only where all are.
    public func allows(_ text: String) -> Bool { allowsAll || Origin(text).map { origins.contains($0) } == true }
}

/// An item of a list that is no origin.
public struct OriginListError: Error, Equatable {
    public let item: String
}
