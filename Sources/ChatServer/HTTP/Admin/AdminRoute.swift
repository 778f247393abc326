import Domain
import HTTPTypes
import NIOHTTP1
import Wire

/// What administrators can ask for, by its path. Each has the methods that make sense for it.
///
/// A new one is a case here and an answer in ``AdminRoutes``.
enum AdminRoute: Equatable, Sendable {
    case users
    case user(Username)
    case disconnect(Username)
    case revocations
    case monitoring
    case cluster
    case publish
    case announce

    /// Nil where the path is none of these. A name in a path is percent-encoded.
    init?(path: String) {
        switch path {
        case Self.usersPath: self = .users
        case "/api/revocations": self = .revocations
        case "/api/monitoring": self = .monitoring
        case "/api/cluster": self = .cluster
        case "/api/publish": self = .publish
        case "/api/announce": self = .announce
        default:
            let prefix = Self.usersPath + "/"
            // By bytes: a combining mark behind a slash would belong to it.
            guard path.utf8.starts(with: prefix.utf8) else { return nil }
            let parts = path.utf8.dropFirst(prefix.utf8.count).split(
                separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            guard let name = parts.first, let text = try? PercentCoding.decoded(Substring(name), as: .url),
                let username = try? Username(text)
            else { return nil }
            switch parts.dropFirst().map({ String(Substring($0)) }) {
            case []: self = .user(username)
            case ["disconnect"]: self = .disconnect(username)
            default: return nil
            }
        }
    }

    private static let usersPath = "/api/users"

    /// Whether it changes something. Else it is only read.
    var isChange: Bool {
        switch self {
        case .users, .user, .monitoring, .cluster: false
        case .disconnect, .revocations, .publish, .announce: true
        }
    }

    /// What may be done with it.
    var allowed: HTTPFields { isChange ? [.allow: "POST, OPTIONS"] : Endpoint.allowed }

    /// - Throws: 405 where the method is none of ``allowed``.
    func check(_ method: HTTPMethod) throws(APIError) {
        switch method {
        case .POST where isChange: return
        case .GET where !isChange, .HEAD where !isChange: return
        default: throw APIError(.methodNotAllowed, "method_not_allowed", "method not allowed", headers: allowed)
        }
    }
}
