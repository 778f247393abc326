import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOWebSocket
import Testing

@testable import Transport

@Suite struct HandshakeTests {
    private let recorder = Recorder()
    private let channel = EmbeddedChannel()

    init() throws {
        try WebSocketTransport.configure(
            channel, link: Link(attempt: Attempt(number: 1), sink: recorder),
            WebSocketTransport.Opening(
                address: ServerAddress(host: "::1", port: 80, path: "/chat/ws"),
                request: UpgradeRequest(username: "é", room: "dev", subprotocols: ["chat.v9", "chat.v2"]),
                userAgent: "test/1", token: "abc.def"))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    /// What the client sent so far.
    private func request() throws -> String {
        var request = ""
        while let part = try channel.readOutbound(as: ByteBuffer.self) { request += String(buffer: part) }
        return request
    }

    /// The server consents, as RFC 6455 §4.2.2 has it, and sends `{}` in the same packet.
    private func accept(_ header: String) throws {
        let lines = try request().split(separator: "\r\n").compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (String(line[..<colon]), String(line[line.index(colon, offsetBy: 2)...]))
        }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/ws", headers: HTTPHeaders(lines))
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
        let headers = try upgrader.buildUpgradeResponse(
            channel: channel, upgradeRequest: head, initialResponseHeaders: [:]
        ).wait()
        var bytes = ByteBuffer(string: "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\(header)")
        for (name, value) in headers { bytes.writeString("\(name): \(value)\r\n") }
        bytes.writeString("\r\n")
        bytes.writeBytes([0x81, 2] + "{}".utf8)
        try channel.writeInbound(bytes)
        channel.embeddedEventLoop.run()  // handlers are taken out of the pipeline one after the other
    }

    private func answer(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

    @Test func `It asks for an upgrade as RFC 6455 wants it`() throws {
        let request = try request()
        let lines = request.lowercased().split(separator: "\r\n").map(String.init)
        #expect(request.hasPrefix("GET /chat/ws?username=%C3%A9&room=dev HTTP/1.1\r\n"))
        #expect(lines.contains("host: [::1]:80"))
        #expect(lines.contains("upgrade: websocket"))
        #expect(lines.contains("connection: upgrade"))
        #expect(lines.contains("sec-websocket-version: 13"))
        #expect(lines.contains { $0.hasPrefix("sec-websocket-key: ") && $0.count == 19 + 24 })
        #expect(lines.contains("sec-websocket-protocol: chat.v9, chat.v2"))
        #expect(lines.contains("user-agent: test/1"))
        #expect(lines.contains("authorization: bearer abc.def"))
    }

    @Test(arguments: ["", "Sec-WebSocket-Protocol: chat.v2\r\n"])
    func `The subprotocol that the server chose is reported, and what follows in the same packet is heard`(
        header: String
    ) throws {
        try accept(header)
        let chosen = header.isEmpty ? nil : "chat.v2"
        #expect(recorder.events == [.opened(subprotocol: chosen), .received(ByteBuffer(string: "{}"))])
    }

    @Test(arguments: ["chat.v3", "", "chat.v9, chat.v2"])
    func `A subprotocol that was not offered fails the connection`(chosen: String) throws {
        let header = "Sec-WebSocket-Protocol: \(chosen)\r\n"
        try accept(header)
        guard case .ended(.lost(let words)) = recorder.events.first, recorder.events.count == 1 else {
            Issue.record("\(recorder.events)")
            return
        }
        #expect(words.contains("was not offered"))
    }

    @Test(
        arguments: [
            (
                "HTTP/1.1 401 No\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nno token\n",
                .refused(status: 401, words: "no token", retryAfter: nil)
            ),
            (
                "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer error=\"invalid_token\", "
                    + "error_description=\"the key is not known\"\r\nContent-Length: 0\r\n\r\n",
                .refused(status: 401, words: "the key is not known", retryAfter: nil)
            ),
            (
                "HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
                .refused(status: 503, words: "", retryAfter: .seconds(7))
            ),
            (
                "HTTP/1.1 502 No\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<h1>",
                .refused(status: 502, words: "", retryAfter: nil)
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
                .refused(status: 200, words: "no chat server answers there", retryAfter: nil)
            ),
            (
                "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
                .unreachable("what answers there is no chat server")
            ),
            ("SSH-2.0-OpenSSH\r\n", .unreachable("what answers there is no chat server")),
        ] as [(String, ConnectionEnd)])
    func `A server that does not upgrade is heard out`(text: String, end: ConnectionEnd) throws {
        try? answer(text)
        #expect(recorder.events == [.ended(end)])
    }

    @Test func `The body of a refusal is bounded`() throws {
        try answer("HTTP/1.1 400 No\r\nContent-Length: 100000\r\n\r\n" + String(repeating: "x", count: 100_000))
        guard case .ended(.refused(400, let words, nil)) = recorder.events.first else {
            Issue.record("\(recorder.events)")
            return
        }
        #expect(words.count == 4096)
    }

    @Test func `A server that hangs up before it answered is unreachable`() throws {
        _ = try channel.finish(acceptAlreadyClosed: true)
        #expect(recorder.events == [.ended(.unreachable("the server hung up during the handshake"))])
    }
}
