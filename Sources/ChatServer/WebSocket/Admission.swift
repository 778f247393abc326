import Domain
import HTTPTypes
import NIOHTTP1

/// What a client asks for when it connects, checked.
struct Admission: Equatable, Sendable {
    let username: Username
    let room: RoomName
    /// Of an earlier session of the client; nil where it presents none, or nothing that could be one.
    let secret: SessionSecret?

    /// The path of the endpoint.
    static let path = "/ws"

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

    static func isEndpoint(_ uri: String) -> Bool {
        uri.prefix { $0 != "?" } == path
    }

    /// The parameters of a request's target. Of a name that stands twice the first counts.
    static func query(of uri: String) throws(Refusal) -> [String: String] {
        guard let start = uri.firstIndex(of: "?") else { return [:] }
        var query: [String: String] = [:]
        for item in uri[uri.index(after: start)...].split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try decoded(parts[0])
            if query[name] == nil { query[name] = parts.count > 1 ? try decoded(parts[1]) : "" }
        }
        return query
    }

    /// Undoes the encoding of a form: `%XX`, and `+` for a space. Foundation's `removingPercentEncoding` is not used, since
    /// it drops a leading U+FEFF, which would make two names look like one.
    private static func decoded(_ text: Substring) throws(Refusal) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                guard digits.count == 2, let value = UInt8(Substring(digits), radix: 16),
                    digits.first != UInt8(ascii: "+")
                else { throw .badRequest("the query has a % that is not followed by two hexadecimal digits") }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default:
                bytes.append(byte)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .badRequest("the query is not valid UTF-8")
        }
        return text
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
