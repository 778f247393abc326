import Domain
import Foundation
import HTTPTypes
import Service
import Wire

/// The list of rooms, for those who would not open a WebSocket for it.
extension Routes {
    /// RFC 3986's letters and digits, which need no encoding anywhere.
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

    /// A part of the list as a JSON array; the `Link` header (RFC 8288) leads to the next part, where there is one.
    ///
    /// - Parameter uri: the request's target, path and query.
    func rooms(_ uri: String) async -> Response {
        let range: ListRange
        do throws(Refusal) {
            range = try ListRange(uri)
        } catch {
            return .text(error.text + "\n", status: error.status)
        }
        do throws(ChatError) {
            let page = try await service.rooms(range)
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
        guard page.more, let last = page.elements.last, let name = HTTPField.Name("Link"),
            let after = last.name.addingPercentEncoding(withAllowedCharacters: unreserved)
        else { return [:] }
        return [name: "</rooms?after=\(after)&limit=\(range.limit)>; rel=\"next\""]
    }
}

extension ListRange {
    /// What a request's `after` and `limit` ask for.
    fileprivate init(_ uri: String) throws(Refusal) {
        let query = try Admission.query(of: uri)
        let limit = query["limit"].map { Int($0) ?? 0 } ?? Self.maximumLimit
        guard (1...Self.maximumLimit).contains(limit) else {
            throw .badRequest("limit must be a whole number from 1 to \(Self.maximumLimit)")
        }
        self.init(after: query["after"], limit: limit)
    }
}
