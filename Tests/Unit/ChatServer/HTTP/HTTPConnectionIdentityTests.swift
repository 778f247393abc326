import Domain
import NIOCore
import NIOEmbedded
import Service
import Testing

@testable import ChatServer
@testable import SteppedService

/// Requests that are decided later than they come, since somebody has to be asked about their tokens.
struct HTTPConnectionIdentityTests {
    private let edge: EmbeddedEdge
    private let gate: Gate
    private let channel: EmbeddedChannel

    init() throws {
        let authenticator = FakeAuthenticator()
        authenticator.give("known", to: try .holder("alice"))
        authenticator.give("new", to: try .holder("bob"), isRemembered: false)
        authenticator.give("few", to: try .holder("carol", rooms: ["dev"]))
        authenticator.give("admin", to: try .holder("dora", rooms: [], role: .admin))
        edge = EmbeddedEdge { Identification(authenticator: authenticator, now: $0) }
        gate = Gate(DoorRules(maximumConnections: 10, identification: edge.identification), metrics: edge.metrics)
        channel = try edge.httpSocket(gate)
    }

    private static func upgrade(_ token: String) -> String {
        [
            "GET /ws HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: websocket",
            "Authorization: Bearer \(token)",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", "",
        ].joined(separator: "\r\n")
    }

    private static let ping: [UInt8] = [0x89, 0x81, 1, 2, 3, 4, 7 ^ 1]

    private func written() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        return bytes
    }

    private func answer() throws -> String { String(decoding: try written(), as: UTF8.self) }

    @Test(arguments: [
        ("", "[]"), ("few", "[]"), ("known", #"[{"name":"global","members":1}]"#),
        ("admin", #"[{"name":"global","members":1}]"#), ("0123456789abcdef", #"[{"name":"global","members":1}]"#),
        ("bad", "nobody knows the token"),
    ])
    func `the list of rooms has those that the token allows`(token: String, body: String) throws {
        _ = try edge.connect("token=known", offering: ["chat.v2"])
        edge.turn()
        let header = token.isEmpty ? [] : ["Authorization: Bearer \(token)"]
        for path in ["/rooms", "/api/rooms", "/api/status"] {
            let lines = ["GET \(path) HTTP/1.1", "Host: x"] + header + ["", ""]
            try channel.writeInbound(ByteBuffer(string: lines.joined(separator: "\r\n")))
            edge.turn()
            let answer = try answer()
            #expect(answer.hasPrefix(token == "bad" ? "HTTP/1.1 401 " : "HTTP/1.1 200 "), "\(path)")
            if path == "/rooms" { #expect(answer.contains("\r\n\r\n" + body)) }
        }
    }

    @Test func `a token that is known is decided on the event loop, in the call that brings it`() throws {
        try channel.writeInbound(ByteBuffer(string: Self.upgrade("known")))
        edge.eventLoop.run()  // no errand is run
        #expect(gate.connectionCount == 1)
        #expect(try answer().hasPrefix("HTTP/1.1 101 "))
    }

    @Test func `one that is not known is decided later, and the frames behind the request come in their order`() throws
    {
        try channel.writeInbound(ByteBuffer(string: Self.upgrade("new")))
        try channel.writeInbound(ByteBuffer(bytes: Self.ping))
        #expect(try answer() == "")
        edge.turn()
        let bytes = try written()
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 101 "))
        #expect(bytes.firstRange(of: [0x8A, 1, 7]) != nil)
        #expect(gate.connectionCount == 1)
    }

    @Test func `a refusal that comes later is counted, and the connection goes on`() throws {
        for count in 1...2 {
            try channel.writeInbound(ByteBuffer(string: Self.upgrade("bad")))
            edge.turn()
            let answer = try answer()
            #expect(answer.hasPrefix("HTTP/1.1 401 "))
            #expect(
                answer.lowercased().contains(
                    #"www-authenticate: bearer error="invalid_token", error_description="nobody knows the token""#))
            #expect(answer.hasSuffix("\r\n\r\nnobody knows the token"))
            #expect(edge.count("chat_connections_refused_total") == count)
        }
        #expect(channel.isActive)
    }

    @Test func `nobody is let in whose connection has ended meanwhile`() throws {
        try channel.writeInbound(ByteBuffer(string: Self.upgrade("new")))
        try channel.close().wait()
        edge.turn()
        #expect(try answer() == "")
        #expect(gate.connectionCount == 0)
        #expect(edge.chat.service.sessionCount == 0)
    }

    @Test func `a server that begins to drain meanwhile lets nobody in`() throws {
        try channel.writeInbound(ByteBuffer(string: Self.upgrade("new")))
        gate.close()
        edge.turn()
        #expect(try answer().hasPrefix("HTTP/1.1 503 "))
    }

    @Test func `who hangs up meanwhile is not made a WebSocket`() throws {
        try channel.writeInbound(ByteBuffer(string: Self.upgrade("new")))
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        edge.turn()
        #expect(try answer().hasPrefix("HTTP/1.1 400 "))
        #expect(!channel.isActive && gate.connectionCount == 0)
    }
}
