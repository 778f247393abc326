import Foundation

/// Where a set of keys is published: `https`, or `http` where it does not leave the machine.
public struct KeySetURL: Equatable, Sendable {
    let isEncrypted: Bool
    let host: String
    let port: Int
    /// Path and query, as the request line has them.
    let target: String

    /// - Throws: ``KeySetURLError``, which does not repeat the text: a URL may hold a secret.
    public init(_ text: String) throws(KeySetURLError) {
        guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }), let parts = URLComponents(string: text),
            let scheme = parts.scheme?.lowercased(), ["https", "http"].contains(scheme),
            let host = parts.host.map(Self.withoutBrackets), !host.isEmpty, parts.fragment == nil,
            parts.user == nil, parts.password == nil, parts.port.map({ 1...65_535 ~= $0 }) ?? true
        else { throw .malformed }
        isEncrypted = scheme == "https"
        guard isEncrypted || Self.isLoopback(host) else { throw .unencrypted }
        self.host = host
        port = parts.port ?? (isEncrypted ? 443 : 80)
        let path = parts.percentEncodedPath
        target = (path.isEmpty ? "/" : path) + (parts.percentEncodedQuery.map { "?" + $0 } ?? "")
    }

    private static func withoutBrackets(_ host: String) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }

    /// Only what needs no look-up, but for the name that RFC 6761 §6.3 keeps on the machine.
    static func isLoopback(_ host: String) -> Bool {
        if host.lowercased() == "localhost" { return true }
        if ["::1", "0:0:0:0:0:0:0:1"].contains(host) { return true }
        let parts = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.allSatisfy { 0x30...0x39 ~= $0 } ? UInt8(String(decoding: part, as: UTF8.self)) : nil
        }
        return parts.count == 4 && numbers.count == 4 && numbers.first == 127
    }

    /// As the `Host` header has it.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isEncrypted ? 443 : 80) ? name : "\(name):\(port)"
    }
}

/// The rule that a URL breaks, as the end of a sentence that begins with the name of the key.
public enum KeySetURLError: Error, Equatable, Sendable, CustomStringConvertible {
    case malformed
    case unencrypted

    public var description: String {
        switch self {
        case .malformed: "must be a URL such as https://issuer.example/jwks.json, without a user and a fragment"
        case .unencrypted: "must begin with https; http is allowed for 127.0.0.1, [::1] and localhost only"
        }
    }
}
