import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Infrastructure
import NIOCore
import Service

/// The plain HTTP half of the one port.
struct Routes: Sendable {
    let status: ServerStatus
    let service: ChatService
    let gate: Gate
    let metrics: PrometheusRegistry

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
        router.get("rooms") { _, _ in
            do throws(ChatError) {
                return try Self.json(try await service.rooms().map { RoomLine(name: $0.name, members: $0.members) })
            } catch {
                return Self.text(error.message + "\n", status: .serviceUnavailable)
            }
        }
        router.get("api/status") { _, _ in try Self.json(status.report) }
        router.get("ws") { request, _ in
            let refusal = gate.refusal(of: request.uri.description)
            return Self.text(refusal.text, status: refusal.status, headers: refusal.headers)
        }
        return router
    }

    private struct RoomLine: Encodable {
        let name: String
        let members: Int
    }

    private static func text(
        _ text: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        response(text, type: "text/plain; charset=utf-8", status: status, headers: headers)
    }

    private static func json(_ value: some Encodable) throws(ChatError) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return response(
                String(decoding: try encoder.encode(value), as: UTF8.self), type: "application/json; charset=utf-8")
        } catch {
            throw ChatError(.internal, "the answer could not be written", cause: error)
        }
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
