import Foundation

/// Where Redis is and how to log in: `redis://[user:password@]host[:port][/database]`.
///
/// User and password are percent-decoded. The description leaves both out.
public struct RedisURL: Equatable, Sendable {
    public let host: String
    /// 1–65535; 6379 where the text names none.
    public let port: Int
    let username: String?
    let password: String?
    let database: Int

    /// - Throws: ``RedisURLError``, whose description follows the name of the key in an error line.
    public init(_ text: String) throws(RedisURLError) {
        if text.hasPrefix("rediss://") { throw .encrypted }
        guard text.hasPrefix("redis://"), let parts = URLComponents(string: text), parts.query == nil,
            parts.fragment == nil
        else { throw .malformed }
        guard var host = parts.host, !host.isEmpty else { throw .noHost }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.host = host

        port = parts.port ?? 6379
        guard (1...65535).contains(port) else { throw .port }

        let user = parts.user ?? ""
        username = user.isEmpty ? nil : user
        password = parts.password.flatMap { $0.isEmpty ? nil : $0 }
        guard username == nil || password != nil else { throw .noPassword }

        let path = parts.path.drop { $0 == "/" }
        guard path.isEmpty || path.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let database = path.isEmpty ? 0 : Int(path)
        else { throw .database }
        self.database = database
    }

    /// `host:port`, as it may stand in logs and errors.
    public var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension RedisURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "redis://\(address)/\(database)" }
    public var debugDescription: String { description }
    /// Keeps `dump` and the like from the password.
    public var customMirror: Mirror { Mirror(self, children: ["address": address, "database": database]) }
}

/// The rule that a Redis URL breaks. Never holds the text, which may contain a password.
public enum RedisURLError: Error, Equatable, Sendable {
    case malformed
    case encrypted
    case noHost
    case port
    case noPassword
    case database
}

extension RedisURLError: CustomStringConvertible {
    /// The rule as the end of a sentence that begins with the name of the setting.
    public var description: String {
        switch self {
        case .malformed:
            "must look like redis://[user:password@]host[:port][/database], with special characters percent-encoded"
        case .encrypted: "must begin with redis://: connections with TLS (rediss://) are not supported yet"
        case .noHost: "must name a host, as in redis://localhost:6379"
        case .port: "must have a port from 1 to 65535"
        case .noPassword: "must have a password where it has a user, as in redis://user:password@host"
        case .database: "must end with the number of a database, as in redis://localhost:6379/0"
        }
    }
}
