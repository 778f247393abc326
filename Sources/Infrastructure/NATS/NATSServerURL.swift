import Foundation
import Wire

/// Where one NATS server is and how to log in there:
///
///     nats://[user:password@]host[:port]
///     nats://token@host[:port]
///
/// With `tls` instead of `nats` the connection is encrypted. Special characters in user, password and token are
/// percent-encoded. The description leaves user, password and token out.
public struct NATSServerURL: Equatable, Sendable {
    enum Credentials: Equatable, Sendable {
        case user(String, password: String)
        case token(String)
    }

    /// A name, or an IP address; an IPv6 address without its brackets.
    let host: String
    let port: Int
    /// Whether the connection is encrypted (TLS).
    public let isEncrypted: Bool
    let credentials: Credentials?

    /// Whether it has a user or a token in it.
    public var hasCredentials: Bool { credentials != nil }

    /// - Throws: ``NATSServerURLError``, whose description follows the setting's name in an error line.
    public init(_ text: String) throws(NATSServerURLError) {
        do throws(NATSServerURLError.Rule) {
            try self.init(parsing: text)
        } catch {
            throw NATSServerURLError(error)
        }
    }

    /// Reads several URLs separated by commas; white space around each is ignored.
    ///
    /// - Returns: none for an empty text.
    public static func list(_ text: String) throws(NATSServerURLError) -> [NATSServerURL] {
        guard !text.allSatisfy(\.isWhitespace) else { return [] }
        let items = text.split(separator: ",", omittingEmptySubsequences: false)
        var servers: [NATSServerURL] = []
        for item in items {
            do throws(NATSServerURLError.Rule) {
                servers.append(try NATSServerURL(parsing: item.trimmingCharacters(in: .whitespaces)))
            } catch {
                throw NATSServerURLError(error, number: items.count > 1 ? servers.count + 1 : nil)
            }
        }
        return servers
    }

    private init(parsing text: String) throws(NATSServerURLError.Rule) {
        if text.hasPrefix("nats://") {
            isEncrypted = false
        } else if text.hasPrefix("tls://") {
            isEncrypted = true
        } else {
            throw .malformed
        }
        var rest = text.drop { $0 != ":" }.dropFirst("://".count)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        let parts = rest.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2, let place = parts.last else { throw .notEncoded }
        // A password with an unencoded slash looks like a path.
        guard !rest.contains(where: { "/?#".contains($0) || $0.isWhitespace }) else {
            throw parts.count == 2 ? .notEncoded : .malformed
        }
        credentials = parts.count == 2 ? try Credentials(parts[0]) : nil
        (host, port) = try Self.place(place)
    }

    private static func place(_ text: Substring) throws(NATSServerURLError.Rule) -> (host: String, port: Int) {
        // An IPv6 address without brackets has several colons.
        guard text.hasPrefix("[") || text.utf8.count(where: { $0 == UInt8(ascii: ":") }) <= 1 else { throw .address }
        guard !text.isEmpty, !text.hasPrefix(":") else { throw .noHost }
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .address }
            host = text[..<end].dropFirst()
            rest = text[end...].dropFirst()
            var address = in6_addr()
            guard inet_pton(AF_INET6, String(host), &address) == 1 else { throw .address }
        } else {
            host = text.prefix { $0 != ":" }
            rest = text[host.endIndex...]
            guard host.utf8.allSatisfy(isAllowedInName) else { throw .noHost }
        }
        guard !rest.isEmpty else { return (String(host), 4222) }
        let digits = rest.dropFirst()
        guard rest.hasPrefix(":"), digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = Int(digits), (1...65535).contains(port)
        else { throw .port }
        return (String(host), port)
    }

    private static func isAllowedInName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// Host and port, without secrets, for logs and errors.
    public var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The URL for nats.c without user and password, which nats.c would use without percent-decoding them.
    var withoutCredentials: String { "\(isEncrypted ? "tls" : "nats")://\(address)" }
}

extension NATSServerURL.Credentials {
    fileprivate init(_ text: Substring) throws(NATSServerURLError.Rule) {
        guard let colon = text.firstIndex(of: ":") else {
            self = .token(try Self.decoded(text))
            return
        }
        self = .user(try Self.decoded(text[..<colon]), password: try Self.decoded(text[colon...].dropFirst()))
    }

    private static func decoded(_ text: Substring) throws(NATSServerURLError.Rule) -> String {
        guard !text.isEmpty else { throw .noPassword }
        // nats.c takes C strings, which end at the first NUL.
        guard let decoded = try? PercentCoding.decoded(text, as: .url), !decoded.utf8.contains(0) else {
            throw .notEncoded
        }
        return decoded
    }
}

extension NATSServerURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { withoutCredentials }
    public var debugDescription: String { description }
    /// Keeps passwords out of `dump` and string interpolation.
    public var customMirror: Mirror { Mirror(self, children: ["address": address, "isEncrypted": isEncrypted]) }
}

/// The rule that a NATS URL breaks. Never contains the text, which may have a password in it.
public struct NATSServerURLError: Error, Equatable, Sendable {
    package enum Rule: Error {
        case malformed
        case notEncoded
        case noPassword
        case noHost
        case address
        case port
    }

    let rule: Rule
    /// The position in a list of several URLs, from 1; nil if there is only one.
    let number: Int?

    package init(_ rule: Rule, number: Int? = nil) {
        self.rule = rule
        self.number = number
    }
}

extension NATSServerURLError: CustomStringConvertible {
    /// The rule, as the end of a sentence that begins with the setting's name.
    public var description: String {
        let place = number.map { " (URL number \($0))" } ?? ""
        return switch rule {
        case .malformed:
            """
            must be nats://[user:password@]host[:port] or nats://token@host[:port], tls://… for TLS, several joined by \
            commas\(place)
            """
        case .notEncoded:
            """
            must have special characters in user, password or token percent-encoded, such as %2F for a slash, %40 for @ \
            and %25 for %\(place)
            """
        case .noPassword: "must have both user and password, as in nats://user:password@host, or a token\(place)"
        case .noHost: "must name a host, as in nats://localhost:4222\(place)"
        case .address: "must have an IPv6 address in brackets, as in nats://[::1]:4222\(place)"
        case .port: "must have a port from 1 to 65535\(place)"
        }
    }
}
