import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Infrastructure
import NIOCore
import Service
import Wire

/// The plain HTTP half of the one port.
struct Routes: Sendable {
    let status: ServerStatus
    let service: ChatService
    let gate: Gate
    let metrics: PrometheusRegistry

    /// Of the rooms that `/api/rooms` lists.
    private static let maximumRooms = 1000

    func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("healthz") { _, _ in Self.text("ok\n") }
        router.get("readyz") { _, _ in
            let obstacles = status.obstacles
            return obstacles.isEmpty
                ? Self.text("ready\n")
                : Self.text("not ready: \(obstacles.joined(separator: ", "))\n", status: .serviceUnavailable)
        }
        router.get("metrics") { _, _ in
            Self.response(metrics.render(), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        router.get("rooms") { request, _ in await rooms(request.uri.description) }
        router.get("api/status") { _, _ in try Self.json(status.report) }
        router.get("api/rooms") { _, _ in Self.json(service.activeRooms(atMost: Self.maximumRooms)) }
        router.get("ws") { request, _ in
            let refusal = gate.refusal(of: request.uri.description)
            var headers = refusal.headers
            headers[.connection] = headers[.connection].map { $0 + ", close" } ?? "close"
            return Self.text(refusal.text, status: refusal.status, headers: headers)
        }
        return router
    }

    static func text(
        _ text: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        response(text, type: "text/plain; charset=utf-8", status: status, headers: headers)
    }

    private static func json(_ rooms: [TopicStatus]) -> Response {
        let lines = rooms.map { room in
            var line = JSONObjectWriter()
            line.add("name", room.room.text)
            line.add("head", room.head.value)
            line.add("following", room.isFollowing)
            line.add("messages_in_memory", room.messages)
            line.add("bytes_in_memory", room.bytes)
            return String(decoding: line.finish(), as: UTF8.self)
        }
        return json("[" + lines.joined(separator: ",") + "]")
    }

    private static func json(_ value: some Encodable) throws(ChatError) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return json(String(decoding: try encoder.encode(value), as: UTF8.self))
        } catch {
            throw ChatError(.internal, "the answer could not be written", cause: error)
        }
    }

    static func json(_ text: String, headers: HTTPFields = [:]) -> Response {
        response(text, type: "application/json; charset=utf-8", headers: headers)
    }

    private static func response(
        _ body: String, type: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        headers[.cacheControl] = "no-store"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
