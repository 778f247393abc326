import Domain
import HTTPTypes
import NIOHTTP1
import Service
import Wire

/// Answers what administrators ask for.
struct AdminRoutes: Sendable {
    let access: AdminAccess
    let service: ChatService
    let status: ServerStatus
    let now: @Sendable () -> Timestamp

    func response(to request: Request, for route: AdminRoute) async -> Response {
        do throws(APIError) {
            if request.method == .OPTIONS { return .empty(route.allowed) }
            try route.check(request.method)
            try await access.check(request)
            guard !request.awaitsContinue || !route.isChange else {
                throw APIError(
                    .expectationFailed, "expectation_failed", "send the body without waiting for 100 Continue")
            }
            return try await answer(request, route)
        } catch {
            return Response(apiError: error)
        }
    }

    private func answer(_ request: Request, _ route: AdminRoute) async throws(APIError) -> Response {
        switch route {
        case .users: return try await users(nil, request)
        case .user(let username): return try await users(username, request)
        case .disconnect(let username): return try disconnect(username, request)
        case .revocations: return try await revoke(request)
        case .monitoring: return try monitoring(request)
        case .cluster: return try await cluster()
        case .publish: return try await publish(request)
        case .announce: return try announce(request)
        }
    }

    // MARK: Users

    private func users(_ user: Username?, _ request: Request) async throws(APIError) -> Response {
        let range = try Self.range(of: request)
        let (page, missing) = try await asking { () async throws(ChatError) in
            try await service.connectedUsers(user, range)
        }
        return .json(Self.text(of: page, missing: missing))
    }

    private static func text(of page: ConnectedUsers, missing: [String]) -> String {
        var object = JSONObjectWriter(capacity: 4096)
        object.add("users", page.users) { object, user in
            object.add("username", user.username)
            object.add("sessions", user.sessions) { object, session in
                object.add("instance", session.instance)
                object.add("address", ifPresent: session.address)
                object.add("dialect", session.dialect)
                object.add("rooms", session.rooms)
                object.add("since", session.since.rfc3339Text)
                if session.isAway { object.add("away", true) }
            }
        }
        if page.more { object.add("more", true) }
        if !missing.isEmpty { object.add("missing", missing) }
        return String(decoding: object.finish(), as: UTF8.self)
    }

    // MARK: Changes

    private func disconnect(_ user: Username, _ request: Request) throws(APIError) -> Response {
        let body = try AdminBody.Disconnection(request.content)
        do throws(ChatError) {
            try service.disconnect(user, reason: body.reason)
        } catch {
            throw .unavailable(error.message)
        }
        return .json("{}", status: .accepted)
    }

    private func revoke(_ request: Request) async throws(APIError) -> Response {
        guard service.revocations.isActive else {
            throw APIError(.conflict, "authentication_off", "authentication is off: there are no tokens to revoke")
        }
        let body = try AdminBody.Revoking(request.content, now: now())
        let entry = try await asking { () async throws(ChatError) in
            try await service.revoke(body.revocation, expiry: body.expiry)
        }
        var object = JSONObjectWriter()
        object.add("until", entry.until.rfc3339Text)
        return .json(String(decoding: object.finish(), as: UTF8.self), status: .created)
    }

    static func range(of request: Request) throws(APIError) -> ListRange {
        do throws(Refusal) {
            return try ListRange(request.query)
        } catch {
            throw .badRequest(error.text)
        }
    }

    func asking<Value>(_ body: () async throws(ChatError) -> Value) async throws(APIError) -> Value {
        do throws(ChatError) {
            return try await body()
        } catch {
            throw .unavailable(error.message)
        }
    }
}
