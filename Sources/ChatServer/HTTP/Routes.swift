import Domain
import Foundation
import HTTPTypes
import InfrastructureObservability
import NIOHTTP1
import Service
import Wire

/// Answers the plain HTTP requests of the port.
struct Routes: Sendable {
    let status: ServerStatus
    let service: ChatService
    let metrics: PrometheusRegistry
    let reader: RoomReader
    let admin: AdminRoutes
    /// Of pages that may use the API, besides the server's own.
    var origins = AllowedOrigins()
    /// Counts a request that is refused here.
    var countRefusal: @Sendable (RefusalCause) -> Void = { _ in }
    let messages: RoomMessages
    let website: Website

    /// The greatest number of rooms that `/api/rooms` lists.
    private static let maximumRooms = 1000

    func response(to request: Request, for purpose: Purpose) async -> Response {
        let origin = OriginRule(request, origins)
        // A page that may not use the server is not even asked who it is, where something would change.
        if case .admin(let route) = purpose, route.isChange, request.method == .POST, origin == .foreign {
            countRefusal(.origin)
            return Response(apiError: APIError(.forbidden, "forbidden", Refusal.foreignOrigin.text))
        }
        var response = await answer(to: request, for: purpose)
        let isQuestion = request.method == .OPTIONS
        for field in origin.headers(methods: isQuestion ? response.headers[.allow] : nil) {
            response.headers[field.name] = field.value
        }
        return response
    }

    private func answer(to request: Request, for purpose: Purpose) async -> Response {
        switch purpose {
        case .options: .empty(Endpoint.allowed)
        case .get(let endpoint): await response(of: endpoint, to: request)
        case .admin(let route): await admin.response(to: request, for: route)
        case .messages(let route): await messages.response(to: request, for: route)
        case .page: await website.response(to: request)
        }
    }

    private func response(of endpoint: Endpoint, to request: Request) async -> Response {
        switch endpoint {
        case .chat, .echo: Response(.upgradeRequired)
        case .health: .text("ok\n")
        case .readiness: readiness
        case .metrics: Response(metrics.render(), type: "text/plain; version=0.0.4; charset=utf-8")
        case .rooms: await reading(request) { await rooms(request.query, for: $0) }
        case .status: await reading(request) { Self.json(status.report(activeTopics: await activeTopics(for: $0))) }
        case .activeRooms: await reading(request) { Self.json(await activeRooms(for: $0, atMost: Self.maximumRooms)) }
        }
    }

    /// Answers with what the sender of the request may be shown.
    private func reading(_ request: Request, _ answer: (Permissions) async -> Response) async -> Response {
        do throws(Refusal) {
            return await answer(try await reader.permissions(of: request))
        } catch {
            return Response(error, to: request)
        }
    }

    private func activeRooms(for permissions: Permissions, atMost maximum: Int) async -> [TopicStatus] {
        await service.topics.activeRooms(atMost: maximum) { permissions.mayRead($0) }
    }

    /// Who may not read every room is told of the rooms that they may read: the number of all would show that another
    /// room exists.
    private func activeTopics(for permissions: Permissions) async -> Int {
        permissions.mayReadEverything
            ? service.topics.activeCount : await activeRooms(for: permissions, atMost: .max).count
    }

    private var readiness: Response {
        let obstacles = status.obstacles
        return obstacles.isEmpty
            ? .text("ready\n")
            : .text("not ready: \(obstacles.joined(separator: ", "))\n", status: .serviceUnavailable)
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
        return .json("[" + lines.joined(separator: ",") + "]")
    }

    private static func json(_ value: some Encodable) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else {
            return .text("the answer could not be written\n", status: .internalServerError)
        }
        return .json(String(decoding: data, as: UTF8.self))
    }
}
