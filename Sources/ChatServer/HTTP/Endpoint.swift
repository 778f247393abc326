import HTTPTypes

/// What can be asked for on the one port. Paths count byte by byte: `/metrics/` and `//metrics` are not `/metrics`, so that
/// a proxy that keeps a path to itself keeps all of it.
enum Endpoint: String, CaseIterable, Sendable {
    case chat = "/ws"
    case health = "/healthz"
    case readiness = "/readyz"
    case metrics = "/metrics"
    case rooms = "/rooms"
    case status = "/api/status"
    case activeRooms = "/api/rooms"

    /// What may be done with each of them.
    static let allowed: HTTPFields = [.allow: "GET, HEAD, OPTIONS"]
}
