import NIOWebSocket

/// Why a WebSocket connection is closed, as the client sees it (docs/protocol.md, “Close codes”).
struct CloseCode: Hashable, Sendable {
    let number: UInt16
    /// Goes into the close frame, after the number; at most 123 bytes of UTF-8 (RFC 6455 §5.5).
    let reason: String

    static let bye = CloseCode(number: 1000, reason: "bye")
    static let goingAway = CloseCode(number: 1001, reason: "going away")
    static let protocolError = CloseCode(number: 1002, reason: "protocol error")
    static let notText = CloseCode(number: 1003, reason: "only text frames are understood")
    static let invalidUTF8 = CloseCode(number: 1007, reason: "invalid UTF-8")
    static let tooLarge = CloseCode(number: 1009, reason: "message too large")
    static let draining = CloseCode(number: 1012, reason: "server restarts, please reconnect")
    static let tooSlow = CloseCode(number: 1013, reason: "too slow, please reconnect")
    static let unavailable = CloseCode(number: 1013, reason: "unavailable, please try again later")
    static let usernameTaken = CloseCode(number: 4001, reason: "username already exists")
    static let rateLimited = CloseCode(number: 4008, reason: "too many messages for too long")
    static let nameLost = CloseCode(number: 4001, reason: "username was taken over")
}
