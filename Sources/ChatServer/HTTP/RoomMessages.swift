import Domain
import HTTPTypes
import NIOHTTP1
import Service
import Wire

/// `/api/rooms/<room>/messages`
struct RoomMessagesRoute: Equatable, Sendable {
    let room: RoomName

    /// Nil for any other path. The name is percent-encoded.
    init?(path: String) {
        let (prefix, suffix) = ("/api/rooms/".utf8, "/messages".utf8)
        let bytes = path.utf8
        guard bytes.count > prefix.count + suffix.count, bytes.starts(with: prefix),
            bytes.suffix(suffix.count).elementsEqual(suffix)
        else { return nil }
        let name = bytes.dropFirst(prefix.count).dropLast(suffix.count)
        guard !name.contains(UInt8(ascii: "/")), let text = try? PercentCoding.decoded(Substring(name), as: .url),
            let room = try? RoomName(text)
        else { return nil }
        self.room = room
    }
}

/// Which part of a room's messages a request asks for: `before`, `after` and `limit` as in a `history` request.
struct RoomMessagesQuery: Equatable {
    static let defaultLimit = 50
    static let maximumLimit = 100

    let range: LogRange
    let limit: Int

    init(_ query: Query) throws(APIError) {
        let before = try Self.number("before", query)
        let after = try Self.number("after", query)
        switch (before, after) {
        case (nil, nil): range = .latest
        case (let before?, nil): range = .before(SequenceNumber(before))
        case (nil, let after?): range = .after(SequenceNumber(after))
        case (.some, .some): throw .badRequest("name either before or after")
        }
        let limit = try Self.number("limit", query).flatMap { Int(exactly: $0) } ?? Self.defaultLimit
        guard (1...Self.maximumLimit).contains(limit) else {
            throw .badRequest("limit must be a whole number from 1 to \(Self.maximumLimit)")
        }
        self.limit = limit
    }

    private static func number(_ name: String, _ query: Query) throws(APIError) -> UInt64? {
        let text: String?
        do throws(Refusal) { text = try query.value(of: name) } catch { throw APIError(error) }
        guard let text else { return nil }
        guard let number = UInt64(text) else { throw .badRequest("\(name) must be a whole number") }
        return number
    }
}

/// Answers with what was said in a room, for programs that do not want a WebSocket for it.
struct RoomMessages: Sendable {
    let reader: RoomReader
    /// For servers on which nobody has a token: then it is an administrator who may read.
    let access: AdminAccess
    let service: ChatService

    func response(to request: Request, for route: RoomMessagesRoute) async -> Response {
        do throws(APIError) {
            switch request.method {
            case .OPTIONS: return .empty(Endpoint.allowed)
            case .GET, .HEAD: break
            default: throw APIError(.methodNotAllowed)
            }
            let permissions = try await permissions(of: request)
            let query = try RoomMessagesQuery(request.query)
            let page: ReadingPage
            do throws(ChatError) {
                page = try await service.history(of: route.room, query.range, limit: query.limit, for: permissions)
            } catch {
                throw APIError(error)
            }
            let history = V2History(
                room: route.room.text, entries: page.historyEntries, more: page.more, truncated: page.isTruncated,
                epoch: page.epoch.text)
            return .json(String(decoding: history.json, as: UTF8.self))
        } catch {
            return Response(apiError: error)
        }
    }

    private func permissions(of request: Request) async throws(APIError) -> Permissions {
        guard reader.identification != nil else {
            try await access.check(request)
            return .all
        }
        do throws(Refusal) {
            guard try PresentedToken.of(request) != nil else { throw .tokenRequired }
            return try await reader.permissions(of: request)
        } catch {
            throw APIError(error)
        }
    }
}
