import HTTPTypes

/// Why a request is refused, and the answer that it gets.
struct Refusal: Error, Equatable {
    let status: HTTPResponse.Status
    /// Plain text for people.
    let text: String
    var headers: HTTPFields = [:]

    static func badRequest(_ text: String) -> Refusal { Refusal(status: .badRequest, text: text) }

    // MARK: Any request

    static let unintelligible = badRequest("this is not HTTP/1.1")

    static let contentTooLarge = Refusal(status: .contentTooLarge, text: "the body of the request is too large")

    static let headersTooLarge = Refusal(
        status: .requestHeaderFieldsTooLarge, text: "the head of the request is too large")

    static let notFound = Refusal(status: .notFound, text: "not found\n")

    static let methodNotAllowed = Refusal(
        status: .methodNotAllowed, text: "method not allowed\n", headers: Endpoint.allowed)

    // MARK: Requests for a WebSocket

    static let draining = Refusal(
        status: .serviceUnavailable, text: "the server is shutting down, connect again", headers: [.retryAfter: "1"])

    static let full = Refusal(
        status: .serviceUnavailable, text: "too many connections, try again later", headers: [.retryAfter: "10"])

    static let upgradeRequired = Refusal(
        status: .upgradeRequired, text: "this is a WebSocket endpoint", headers: webSocket)

    static let versionRequired = Refusal(
        status: .upgradeRequired, text: "only version 13 of the WebSocket protocol is understood", headers: webSocket)

    private static let webSocket: HTTPFields = [
        .upgrade: "websocket", .connection: "upgrade", .secWebSocketVersion: "13",
    ]
}
