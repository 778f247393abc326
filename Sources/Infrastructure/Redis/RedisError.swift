/// Why a Redis command has no result. Holds no key, argument or secret, so that it may stand in a log.
enum RedisError: Error, Equatable {
    /// There is no connection; the command was not sent.
    case notConnected
    /// Too many commands wait for their replies; the command was not sent.
    case tooManyInFlight
    /// The connection broke before the reply came.
    case disconnected
    /// The reply did not come in time; the connection was given up.
    case timedOut
    /// Redis answered with an error. The text is Redis's own.
    case server(String)
    /// What came is no reply, or not one to this command.
    case protocolViolation(String)
    /// No connection came about. The text names the system's reason.
    case unreachable(String)

    /// Whether the command certainly changed nothing.
    var changedNothing: Bool {
        switch self {
        case .notConnected, .tooManyInFlight, .unreachable: true
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
        case .server(let text): "Redis says: \(text)"
        case .protocolViolation(let text): "not the Redis protocol: \(text)"
        case .unreachable(let text): text
        }
    }
}

/// That Redis could not be used when the process wanted to start.
public struct RedisUnreachable: Error, CustomStringConvertible {
    /// A whole sentence with the address, fit to be the last line of a process; without secrets.
    public let description: String
}
