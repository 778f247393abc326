import HTTPTypes

/// The paths that the port serves. They are compared byte by byte: `/metrics/` and `//metrics` are not `/metrics`, so
/// that a proxy that blocks a path blocks every spelling of it.
enum Endpoint: String, CaseIterable, Sendable {
    case chat = "/ws"
    /// Only where the configuration has it: see ``Purpose``.
    case echo = "/echo"
    case health = "/healthz"
    case readiness = "/readyz"
    case metrics = "/metrics"
    case rooms = "/rooms"
    case status = "/api/status"
    case activeRooms = "/api/rooms"

    /// The methods that every endpoint accepts.
    static let allowed: HTTPFields = [.allow: "GET, HEAD, OPTIONS"]
}
