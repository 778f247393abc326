import WebSocketRules
import Wire

/// How the server closes a connection, as the client sees it (docs/protocol.md, “Close codes”).
struct Goodbye: Hashable, Sendable {
    let code: CloseCode
    /// The text in the close frame, after the code; at most 123 bytes of UTF-8 (RFC 6455 §5.5).
    let reason: String

    private init(_ code: CloseCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    static let goingAway = Goodbye(.goingAway, "going away")
    static let protocolError = Goodbye(.protocolError, "protocol error")
    static let notText = Goodbye(.unsupportedData, "only text frames are understood")
    static let invalidUTF8 = Goodbye(.invalidText, "invalid UTF-8")
    static let tooLarge = Goodbye(.tooBig, "message too large")
    static let draining = Goodbye(.serviceRestart, "server restarts, please reconnect")
    static let tooSlow = Goodbye(.tryAgainLater, "too slow, please reconnect")
    static let unavailable = Goodbye(.tryAgainLater, "unavailable, please try again later")
    static let usernameTaken = Goodbye(.usernameTaken, "username already exists")
    static let tokenExpired = Goodbye(.tokenExpired, "token expired")
    static let tokenRevoked = Goodbye(.tokenExpired, "token was revoked")
    static let rateLimited = Goodbye(.rateLimited, "too many messages for too long")
    static let nameLost = Goodbye(.usernameTaken, "username was taken over")
    static let kicked = Goodbye(.kicked, "disconnected by an administrator")

    /// An administrator ends the connection, and may say why.
    ///
    /// - Parameter reason: cut to what a close frame holds.
    static func kicked(because reason: String) -> Goodbye {
        guard !reason.isEmpty else { return .kicked }
        var reason = reason
        while reason.utf8.count > maximumReasonBytes { reason.unicodeScalars.removeLast() }
        return Goodbye(.kicked, reason)
    }

    /// What a close frame holds (RFC 6455 §5.5).
    static let maximumReasonBytes = 123

    /// The close for a client that violated the protocol.
    init(_ violation: MessageAssembler.Violation) {
        switch violation.code {
        case .unsupportedData: self = .notText
        case .invalidText: self = .invalidUTF8
        case .tooBig: self = .tooLarge
        default: self = .protocolError
        }
    }
}
