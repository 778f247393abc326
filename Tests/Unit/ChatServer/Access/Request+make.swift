import NIOHTTP1
import Testing

@testable import ChatServer

extension Request {
    /// A request as it is made of the parser's head, with a `Host` unless `headers` has one.
    static func make(
        _ method: HTTPMethod = .GET, _ uri: String = "/healthz", _ headers: HTTPHeaders = [:],
        version: HTTPVersion = .http1_1
    ) throws(Refusal) -> Request {
        var all: HTTPHeaders = headers.contains(name: "host") ? [:] : ["Host": "x"]
        all.add(contentsOf: headers)
        return try Request(
            HTTPRequestHead(version: version, method: method, uri: uri, headers: all), from: .unknown)
    }

    /// One that asks for a WebSocket as RFC 6455 wants it.
    static func handshake(
        _ uri: String = "/ws?username=alice", replacing headers: [(String, String?)] = [],
        version: HTTPVersion = .http1_1
    ) throws(Refusal) -> Request {
        var all: HTTPHeaders = [
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version": "13",
        ]
        for (name, _) in headers { all.remove(name: name) }
        for case (let name, let value?) in headers { all.add(name: name, value: value) }
        return try make(.GET, uri, all, version: version)
    }
}

extension RequestSource {
    static let unknown = RequestSource(peerAddress: nil)
}

extension Door {
    /// That of a server with room for everybody.
    static let open = Door(
        rules: DoorRules(maximumConnections: 1000),
        occupancy: { Occupancy(connections: 0, maximum: 1000, isDraining: false) })
}

extension Finding {
    /// The value, for which nobody had to be asked.
    var decided: Value {
        get throws(Refusal) {
            guard case .known(let value) = self else {
                Issue.record("somebody is to be asked")
                throw .badRequest("not decided yet")
            }
            return value
        }
    }
}
