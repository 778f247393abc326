import Foundation

/// Where Redis is and how to log in:
///
///     redis://[user:password@]host[:port][/database]
///     redis+sentinel://[user:password@]host[:port][,host[:port]…]/master[/database][?sentinel_password=…]
///
/// With `rediss` instead of `redis` all connections are encrypted, also those to the sentinels.
///
/// Parts that may hold special characters are percent-decoded. The description leaves users and passwords out.
public struct RedisURL: Equatable, Sendable {
    enum Place: Equatable, Sendable {
        case server(RedisAddress)
        /// Sentinels that know the address of the master with that name; at least one.
        case sentinels([RedisAddress], master: String)
    }

    struct Credentials: Equatable, Sendable {
        /// Nil: the default user.
        let username: String?
        let password: String
    }

    let place: Place
    /// Whether connections are encrypted (TLS).
    public let isEncrypted: Bool
    /// For Redis only: sentinels never see them.
    let credentials: Credentials?
    /// For the sentinels, if they want any.
    let sentinelCredentials: Credentials?
    let database: Int

    /// - Throws: ``RedisURLError``, whose description follows the name of the key in an error line.
    public init(_ text: String) throws(RedisURLError) {
        guard let form = RedisURLForm.all.first(where: { text.hasPrefix($0.scheme) }) else { throw .malformed }
        isEncrypted = form.isEncrypted
        let rest = text.dropFirst(form.scheme.count)
        let authority = rest.prefix { !"/?#".contains($0) }
        let hostsStart = authority.lastIndex(of: "@").map { authority.index(after: $0) } ?? authority.startIndex
        let hosts = authority[hostsStart...].split(separator: ",", omittingEmptySubsequences: false)

        // Foundation accepts no list of hosts, so it checks everything else in the URL with one of them in place.
        let frame = (before: authority[..<hostsStart], after: rest[authority.endIndex...])
        var frames: [URLComponents] = []
        for host in hosts {
            guard let parts = URLComponents(string: "redis://\(frame.before)\(host)\(frame.after)"),
                parts.fragment == nil
            else { throw .malformed }
            frames.append(parts)
        }
        guard let common = frames.first else { throw .noHost }
        let addresses = try frames.map { parts throws(RedisURLError) in
            try RedisAddress(parts, defaultPort: form.defaultPort)
        }
        credentials = try Credentials(username: common.user, password: common.password)
        sentinelCredentials = try Self.sentinelCredentials(common.queryItems ?? [], form)

        var path = common.path.split(separator: "/")
        if form.isSentinel {
            guard let master = path.first else { throw .noMaster }
            path.removeFirst()
            place = .sentinels(addresses, master: String(master))
        } else {
            guard addresses.count == 1 else { throw .severalHosts }
            place = .server(addresses[0])
        }
        guard path.count <= 1 else { throw .database }
        let number = path.first ?? "0"
        guard number.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let database = Int(number)
        else { throw .database }
        self.database = database
    }

    private static func sentinelCredentials(
        _ items: [URLQueryItem], _ form: RedisURLForm
    ) throws(RedisURLError) -> Credentials? {
        let known = ["sentinel_username", "sentinel_password"]
        guard form.isSentinel || items.isEmpty, items.allSatisfy({ known.contains($0.name) }) else { throw .malformed }
        let values = known.map { name in items.first { $0.name == name }?.value }
        return try Credentials(username: values[0], password: values[1])
    }

    /// The first address to connect to, in a form for logs and errors.
    public var address: String {
        switch place {
        case .server(let address): "\(address)"
        case .sentinels(let sentinels, let master):
            "\(master) (sentinels \(sentinels.map(\.description).joined(separator: ", ")))"
        }
    }
}

/// The meaning of a URL's scheme.
private struct RedisURLForm {
    let scheme: String
    let isEncrypted: Bool
    let isSentinel: Bool

    var defaultPort: Int { isSentinel ? 26_379 : 6379 }

    static let all = [
        RedisURLForm(scheme: "redis://", isEncrypted: false, isSentinel: false),
        RedisURLForm(scheme: "rediss://", isEncrypted: true, isSentinel: false),
        RedisURLForm(scheme: "redis+sentinel://", isEncrypted: false, isSentinel: true),
        RedisURLForm(scheme: "rediss+sentinel://", isEncrypted: true, isSentinel: true),
    ]
}

extension RedisAddress {
    fileprivate init(_ parts: URLComponents, defaultPort: Int) throws(RedisURLError) {
        guard var host = parts.host, !host.isEmpty else { throw .noHost }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        // An escape in the URL can hide characters that no host can have; a NUL would cut it short.
        guard !host.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 0x20 }) else {
            throw .malformed
        }
        let port = parts.port ?? defaultPort
        guard (1...65535).contains(port) else { throw .port }
        self.init(host: host, port: port)
    }
}

extension RedisURL.Credentials {
    /// Nil if there are none; an empty part counts as none.
    fileprivate init?(username: String?, password: String?) throws(RedisURLError) {
        let username = username.flatMap { $0.isEmpty ? nil : $0 }
        guard let password, !password.isEmpty else {
            if username != nil { throw .noPassword }
            return nil
        }
        self.init(username: username, password: password)
    }
}

extension RedisURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        let scheme = isEncrypted ? "rediss" : "redis"
        switch place {
        case .server(let address): return "\(scheme)://\(address)/\(database)"
        case .sentinels(let sentinels, let master):
            let hosts = sentinels.map(\.description).joined(separator: ",")
            return "\(scheme)+sentinel://\(hosts)/\(master)/\(database)"
        }
    }

    public var debugDescription: String { description }
    /// Keeps the passwords out of `dump` and similar functions.
    public var customMirror: Mirror { Mirror(self, children: ["address": address, "database": database]) }
}

/// The rule that a Redis URL breaks. Never holds the text, which may contain a password.
public enum RedisURLError: Error, Equatable, Sendable {
    case malformed
    case noHost
    case severalHosts
    case port
    case noPassword
    case noMaster
    case database
}

extension RedisURLError: CustomStringConvertible {
    /// The rule as the end of a sentence that begins with the name of the setting.
    public var description: String {
        switch self {
        case .malformed:
            """
            must look like redis://[user:password@]host[:port][/database], rediss://… for TLS, or \
            redis+sentinel://[user:password@]host[:port][,host[:port]…]/master[/database], with special characters \
            percent-encoded
            """
        case .noHost: "must name a host, as in redis://localhost:6379"
        case .severalHosts: "must name one host; several are for sentinels, as in redis+sentinel://host1,host2/master"
        case .port: "must have a port from 1 to 65535"
        case .noPassword: "must have a password where it has a user, as in redis://user:password@host"
        case .noMaster: "must name the master that the sentinels watch, as in redis+sentinel://host1,host2/mymaster"
        case .database: "must end with the number of a database, as in redis://localhost:6379/0"
        }
    }
}
