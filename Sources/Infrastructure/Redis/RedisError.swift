/// Why a Redis command has no result. It contains no key, argument or secret, so it may be logged.
enum RedisError: Error, Equatable {
    /// There is no connection; the command was not sent.
    case notConnected
    /// Too many commands wait for their replies; the command was not sent.
    case tooManyInFlight
    /// The connection broke before the reply came.
    case disconnected
    /// The reply did not come in time; the connection was closed.
    case timedOut
    /// Redis answered with an error. The text is Redis's own, beginning with a code.
    case server(String)
    /// The received bytes are not a reply, or not one to this command.
    case protocolViolation(String)
    /// No connection could be made. The text names the system's reason.
    case unreachable(String)
    /// No connection could be made, and none will be before somebody changes a configuration. The text names the
    /// reason.
    case misconfigured(String)

    /// Whether it is certain that the command changed nothing.
    var changedNothing: Bool {
        switch self {
        case .notConnected, .tooManyInFlight, .unreachable, .misconfigured: true
        case .disconnected, .timedOut, .server, .protocolViolation: false
        }
    }
}

extension RedisError: CustomStringConvertible {
    var description: String {
        switch self {
        case .notConnected: "not connected"
        case .tooManyInFlight: "too many commands in flight"
        case .disconnected: "the connection was lost"
        case .timedOut: "no reply in time"
        case .server(let text): "Redis says: \(Self.explained(text))"
        case .protocolViolation(let text): "not the Redis protocol: \(text)"
        case .unreachable(let text), .misconfigured(let text): text
        }
    }
}

extension RedisError {
    /// The beginnings of answers that show a lasting problem: a password or rights that are wrong or missing, a number
    /// of a database that does not exist, Redis Cluster. Other answers, such as `LOADING` or `READONLY`, are temporary.
    private static let permanent = [
        "WRONGPASS", "NOAUTH", "NOPERM", "DENIED", "CROSSSLOT", "MOVED", "ERR AUTH ", "ERR Client sent AUTH",
        "ERR invalid password", "ERR DB index is out of range", "ERR SELECT is not allowed", "ERR unknown command",
    ]

    /// Whether waiting cannot help.
    var isPermanent: Bool {
        switch self {
        case .server(let text): Self.permanent.contains { text.hasPrefix($0) }
        case .misconfigured: true
        case .notConnected, .tooManyInFlight, .disconnected, .timedOut, .protocolViolation, .unreachable: false
        }
    }
}

/// The words of Redis, for a person who can solve the problem.
extension RedisError {
    /// An error reply, without the script and the line in which it occurred.
    static func answered(_ text: String) -> RedisError {
        var text = text[...]
        if text.hasPrefix("ERR Error running script"), let error = text.firstRange(of: ": -") {
            text = text[error.upperBound...]  // Redis 6 and older
        }
        if let place = text.firstRange(of: " script: ") { text = text[..<place.lowerBound] }
        return .server(String(text))
    }

    private static let advice = [
        "DENIED": "it is in protected mode: give it a password, or bind it to a private address",
        "LOADING": "it has just started, wait",
        "MISCONF": "look into its log, its disk may be full",
        "NOAUTH": "put the password into redis_url",
        "NOPERM": "docs/operations.md has the rights that the server needs",
        "OOM": "it has reached its maxmemory",
        "READONLY": "it has become a replica",
        "WRONGPASS": "look at user and password in redis_url",
    ]

    /// The first sentence; some replies are a paragraph long.
    private static func explained(_ text: String) -> String {
        let sentence = text.firstRange(of: ". ").map { text[..<$0.lowerBound] } ?? text[...]
        guard let advice = advice[String(text.prefix { $0 != " " })] else { return text }
        return "\(sentence) (\(advice))"
    }
}

/// Redis could not be used when the process wanted to start.
public struct RedisUnreachable: Error, CustomStringConvertible {
    /// A whole sentence with the address, suitable as the last line of a process; without secrets.
    public let description: String
}
