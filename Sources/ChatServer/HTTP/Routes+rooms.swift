import Domain
import HTTPTypes
import Service
import Wire

/// The list of rooms over HTTP, for programs that do not want a WebSocket for it.
extension Routes {
    /// A part of the list as a JSON array. If there is more, the `Link` header (RFC 8288) has the next part's address.
    func rooms(_ query: Query, for permissions: Permissions) async -> Response {
        let range: ListRange
        do throws(Refusal) {
            range = try ListRange(query)
        } catch {
            return .text(error.text + "\n", status: error.status)
        }
        do throws(ChatError) {
            let page = try await service.rooms(range, for: permissions)
            return .json(Self.array(of: page.elements), headers: Self.link(onwardFrom: page, range))
        } catch {
            return .text(error.message + "\n", status: .serviceUnavailable)
        }
    }

    private static func array(of rooms: [RoomSummary]) -> String {
        let lines = rooms.map { room in
            var line = JSONObjectWriter()
            line.add("name", room.name)
            line.add("members", room.members)
            return String(decoding: line.finish(), as: UTF8.self)
        }
        return "[" + lines.joined(separator: ",") + "]"
    }

    private static func link(onwardFrom page: ListPage<RoomSummary>, _ range: ListRange) -> HTTPFields {
        guard page.more, let last = page.elements.last, let name = HTTPField.Name("Link") else { return [:] }
        // Letters and digits need no encoding in any part of a URL.
        let after = PercentCoding.encoded(last.name) { !PercentCoding.isLetterOrDigit($0) }
        return [name: "</rooms?after=\(after)&limit=\(range.limit)>; rel=\"next\""]
    }
}

extension ListRange {
    /// Reads `after` and `limit` of a request.
    init(_ query: Query) throws(Refusal) {
        let limit = try query.value(of: "limit").map { Int($0) ?? 0 } ?? Self.maximumLimit
        guard (1...Self.maximumLimit).contains(limit) else {
            throw .badRequest("limit must be a whole number from 1 to \(Self.maximumLimit)")
        }
        self.init(after: try query.value(of: "after"), limit: limit)
    }
}
