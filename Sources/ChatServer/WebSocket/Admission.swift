import Domain
import Foundation
import HTTPTypes
import NIOHTTP1

/// What a client asks for when it connects, checked.
struct Admission: Equatable, Sendable {
    let username: Username
    let room: RoomName

    /// The path of the endpoint.
    static let path = "/ws"

    /// Reads `/ws?username=…[&room=…]`.
    ///
    /// - Parameter uri: the request's target, path and query.
    /// - Throws: ``Refusal`` with the rule that is broken.
    init(uri: String) throws(Refusal) {
        let query = Self.query(of: uri)
        guard let username = query["username"], !username.isEmpty else {
            throw .badRequest("username required")
        }
        do throws(NameError) {
            self.username = try Username(username)
        } catch {
            throw .badRequest(ChatError.invalidUsername(error).message)
        }
        do throws(NameError) {
            self.room = try query["room"].flatMap { $0.isEmpty ? nil : $0 }.map(RoomName.init) ?? .global
        } catch {
            throw .badRequest(ChatError.invalidRoom(error).message)
        }
    }

    static func isEndpoint(_ uri: String) -> Bool {
        uri.prefix { $0 != "?" } == path
    }

    /// Of a name that stands twice the first counts. `+` means a space, as in forms.
    private static func query(of uri: String) -> [String: String] {
        guard let start = uri.firstIndex(of: "?") else { return [:] }
        var query: [String: String] = [:]
        for item in uri[uri.index(after: start)...].split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.map { $0.replacing("+", with: " ").removingPercentEncoding ?? "\u{FFFD} " }
            if let name = decoded.first, query[name] == nil { query[name] = decoded.count > 1 ? decoded[1] : "" }
        }
        return query
    }
}

/// Why an upgrade is refused: an HTTP answer instead of a WebSocket.
struct Refusal: Error, Equatable {
    let status: HTTPResponse.Status
    /// Plain text for a person.
    let text: String
    var headers: HTTPFields = [:]

    static func badRequest(_ text: String) -> Refusal { Refusal(status: .badRequest, text: text) }

    static let draining = Refusal(
        status: .serviceUnavailable, text: "the server is shutting down, connect again", headers: [.retryAfter: "1"])

    static let full = Refusal(
        status: .serviceUnavailable, text: "too many connections, try again later", headers: [.retryAfter: "10"])

    static let upgradeRequired = Refusal(
        status: .upgradeRequired, text: "this is a WebSocket endpoint",
        headers: [.upgrade: "websocket", .connection: "upgrade", .secWebSocketVersion: "13"])
}
