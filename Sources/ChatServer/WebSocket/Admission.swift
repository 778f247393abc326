import Domain
import Wire

/// What a client asks for when it connects, checked.
struct Admission: Equatable, Sendable {
    let username: Username
    let room: RoomName
    /// Of an earlier session of the client; nil where it presents none, or nothing that could be one.
    let secret: SessionSecret?

    /// Reads `/ws?username=…[&room=…][&session=…]`.
    ///
    /// - Parameter uri: the request's target, path and query.
    /// - Throws: ``Refusal`` with the rule that is broken.
    init(uri: String) throws(Refusal) {
        let query = try Self.query(of: uri)
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
        secret = query["session"].flatMap(SessionSecret.init(_:))
    }

    /// The parameters of a request's target. Of a name that stands twice the first counts.
    static func query(of uri: String) throws(Refusal) -> [String: String] {
        let bytes = uri.utf8  // not characters: to those an accent behind a `&` belongs
        guard let start = bytes.firstIndex(of: UInt8(ascii: "?")) else { return [:] }
        var query: [String: String] = [:]
        for item in bytes[bytes.index(after: start)...].split(separator: UInt8(ascii: "&")) {
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try decoded(parts[0])
            if query[name] == nil { query[name] = parts.count > 1 ? try decoded(parts[1]) : "" }
        }
        return query
    }

    private static func decoded(_ text: Substring.UTF8View) throws(Refusal) -> String {
        do throws(PercentCodingError) {
            return try PercentCoding.decoded(Substring(text), as: .form)
        } catch {
            switch error {
            case .digits: throw .badRequest("the query has a % that is not followed by two hexadecimal digits")
            case .notUTF8: throw .badRequest("the query is not valid UTF-8")
            }
        }
    }
}
