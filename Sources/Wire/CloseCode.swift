/// A WebSocket close code, of RFC 6455 §7.4 or of this chat (docs/protocol.md, “Close codes”).
public struct CloseCode: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    public static let normal = CloseCode(rawValue: 1000)
    public static let goingAway = CloseCode(rawValue: 1001)
    public static let protocolError = CloseCode(rawValue: 1002)
    public static let unsupportedData = CloseCode(rawValue: 1003)
    /// Only local: a close frame without a code.
    public static let noStatus = CloseCode(rawValue: 1005)
    public static let invalidText = CloseCode(rawValue: 1007)
    public static let tooBig = CloseCode(rawValue: 1009)
    /// The server is draining: reconnect.
    public static let serviceRestart = CloseCode(rawValue: 1012)
    /// Too slow: reconnect and resume.
    public static let tryAgainLater = CloseCode(rawValue: 1013)
    /// The username is in use, or was taken over.
    public static let usernameTaken = CloseCode(rawValue: 4001)
    public static let tokenExpired = CloseCode(rawValue: 4002)
    public static let kicked = CloseCode(rawValue: 4003)
    public static let rateLimited = CloseCode(rawValue: 4008)

    /// Whether the code may stand in a close frame (RFC 6455 §7.4): registered ones, and the ranges for libraries and
    /// applications.
    public var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
