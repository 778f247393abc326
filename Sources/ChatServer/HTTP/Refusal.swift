import Domain
import HTTPTypes
import Service

/// Why a request is refused, and the answer that it gets.
struct Refusal: Error, Equatable {
    let status: HTTPResponse.Status
    /// Plain text for people.
    let text: String
    var headers: HTTPFields = [:]
    /// As what it is counted, besides ``EdgeMetrics/connectionsRefused``; nil: not apart.
    var cause: RefusalCause?

    static func badRequest(_ text: String) -> Refusal { Refusal(status: .badRequest, text: text) }

    // MARK: Any request

    static let unintelligible = Refusal(status: .badRequest, text: "this is not HTTP/1.1", cause: .malformed)

    static let contentTooLarge = Refusal(status: .contentTooLarge, text: "the body of the request is too large")

    static let headersTooLarge = Refusal(
        status: .requestHeaderFieldsTooLarge, text: "the head of the request is too large", cause: .head)

    /// A page in a browser that may not use this server.
    static let foreignOrigin = Refusal(
        status: .forbidden, text: "pages of this origin may not use this server", cause: .origin)

    static let notFound = Refusal(status: .notFound, text: "not found\n")

    static let methodNotAllowed = Refusal(
        status: .methodNotAllowed, text: "method not allowed\n", headers: Endpoint.allowed)

    // MARK: Requests for a WebSocket

    static let draining = Refusal(
        status: .serviceUnavailable, text: "the server is shutting down, connect again", headers: [.retryAfter: "1"])

    static let full = Refusal(
        status: .serviceUnavailable, text: "too many connections, try again later", headers: [.retryAfter: "10"])

    static let tooManyOfAddress = Refusal(
        status: .tooManyRequests, text: "too many connections from your address", headers: [.retryAfter: "10"],
        cause: .addressConnections)

    static func tooManyUpgradesOfAddress(retryAfter seconds: Int) -> Refusal {
        Refusal(
            status: .tooManyRequests, text: "too many connection attempts from your address",
            headers: [.retryAfter: "\(seconds)"], cause: .addressRate)
    }

    static func tooManyUpgrades(retryAfter seconds: Int) -> Refusal {
        Refusal(
            status: .serviceUnavailable, text: "too many clients connect at once, try again later",
            headers: [.retryAfter: "\(seconds)"], cause: .instanceRate)
    }

    /// RFC 6750 §3.1: whoever brings no token is told only which scheme is understood.
    static let tokenRequired = Refusal(
        status: .unauthorized, text: "a token is required", headers: [.wwwAuthenticate: "Bearer"])

    /// - Parameter reason: in words without quotes and backslashes, and without anything of the token.
    static func invalidToken(_ reason: String) -> Refusal {
        Refusal(
            status: .unauthorized, text: reason,
            headers: [.wwwAuthenticate: "Bearer error=\"invalid_token\", error_description=\"\(reason)\""])
    }

    static let otherUsername = Refusal(status: .forbidden, text: "the username is not the one in the token")

    /// The same words whether there is such a room or not.
    static func forbidden(_ room: RoomName) -> Refusal {
        Refusal(status: .forbidden, text: ChatError.forbidden(room).message)
    }

    static let upgradeRequired = Refusal(
        status: .upgradeRequired, text: "this is a WebSocket endpoint", headers: webSocket)

    static let versionRequired = Refusal(
        status: .upgradeRequired, text: "only version 13 of the WebSocket protocol is understood", headers: webSocket)

    private static let webSocket: HTTPFields = [
        .upgrade: "websocket", .connection: "upgrade", .secWebSocketVersion: "13",
    ]
}
