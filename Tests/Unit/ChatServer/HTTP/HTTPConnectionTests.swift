import Domain
import Foundation
import InfrastructureConfiguration
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOWebSocket
import Service
import Testing
import Wire

@testable import ChatServer
@testable import SteppedService

/// Bytes in, bytes out: what one connection answers, with NIO's own parser.
struct HTTPConnectionTests {
    private let edge = EmbeddedEdge()
    private let gate: Gate
    private let channel: EmbeddedChannel

    init() throws {
        gate = Gate(DoorRules(maximumConnections: 10), metrics: edge.metrics)
        channel = try edge.httpSocket(gate)
    }

    /// Everything that was answered to `text` when nothing more happens.
    private func exchange(_ text: String) throws -> String {
        try channel.writeInbound(ByteBuffer(string: text))
        edge.turn()
        return String(decoding: try written(), as: UTF8.self)
    }

    /// What was written since the last look.
    private func written() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        return bytes
    }

    /// The same, the status lines only.
    private func statuses(_ text: String) throws -> [Int] { Self.statuses(in: try exchange(text)) }

    private static func statuses(in answers: String) -> [Int] {
        answers.split(separator: "HTTP/1.1 ").compactMap { Int($0.prefix(3)) }
    }

    private static func request(_ line: String, _ headers: String...) -> String {
        ([line, "Host: x"] + headers + ["", ""]).joined(separator: "\r\n")
    }

    private static func upgrade(_ target: String = "/ws?username=alice", _ more: String...) -> String {
        ([
            "GET \(target) HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
        ] + more + ["", ""]).joined(separator: "\r\n")
    }

    /// A ping, masked, with `payload` in it.
    private static func ping(_ payload: UInt8) -> [UInt8] { [0x89, 0x81, 1, 2, 3, 4, payload ^ 1] }

    private static let health = request("GET /healthz HTTP/1.1")

    @Test func `an answer has a length, a date and a body, and the connection goes on`() throws {
        for _ in 0..<2 {
            let answer = try exchange(Self.health).lowercased()
            #expect(answer.hasPrefix("http/1.1 200 ok\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nok\n"))
            #expect(answer.contains("content-length: 3\r\n"))
            #expect(answer.contains("date: fri, 02 jan 2026 03:04:05 gmt\r\n"))
            #expect(!answer.contains("connection:") && !answer.contains("transfer-encoding"))
        }
        #expect(channel.isActive)
    }

    @Test(arguments: Endpoint.allCases)
    func `HEAD has the answer to GET without its body`(endpoint: Endpoint) throws {
        // The process's own counters are other ones each time.
        let get = try exchange(Self.request("GET \(endpoint.rawValue) HTTP/1.1"))
        let head = try exchange(Self.request("HEAD \(endpoint.rawValue) HTTP/1.1"))
        let end = try #require(get.range(of: "\r\n\r\n"))
        #expect(head.hasSuffix("\r\n\r\n"))
        #expect(head.split(separator: "\r\n").count == get[..<end.lowerBound].split(separator: "\r\n").count)
        #expect(head.prefix(12) == get.prefix(12))
        if endpoint == .health { #expect(head == get[..<end.upperBound]) }
        // Nothing of a body is in the way of the next answer.
        #expect(try statuses(Self.health) == [200])
    }

    @Test(arguments: ["Host: y", "Content-Length: 65537", "Transfer-Encoding: chunked\r\n\r\nx\r\n"])
    func `HEAD has no body either where it is refused`(line: String) throws {
        let answer = try exchange(Self.request("HEAD /healthz HTTP/1.1", line))
        #expect(answer.hasPrefix("HTTP/1.1 4") && answer.hasSuffix("\r\n\r\n"))
        #expect(Self.statuses(in: answer).count == 1)
    }

    // There is no echo without its setting.
    @Test(arguments: Endpoint.allCases.filter { $0 != .echo }, ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
    func `other methods are not allowed, and those that are are named`(endpoint: Endpoint, method: String) throws {
        let answer = try exchange(Self.request("\(method) \(endpoint.rawValue) HTTP/1.1", "Content-Length: 2") + "{}")
        #expect(answer.hasPrefix("HTTP/1.1 405 "))
        #expect(answer.lowercased().contains("\r\nallow: get, head, options\r\n"))
        #expect(try statuses(Self.health) == [200])
    }

    @Test func `what may be done is told`() throws {
        for target in ["/healthz", "/ws", "*"] {
            let answer = try exchange(Self.request("OPTIONS \(target) HTTP/1.1"))
            #expect(answer.hasPrefix("HTTP/1.1 204 "))
            #expect(answer.lowercased().contains("\r\nallow: get, head, options\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
        #expect(try statuses(Self.request("OPTIONS /nothing HTTP/1.1")) == [404])
    }

    @Test(arguments: ["GET /nothing", "HEAD /nothing", "POST /nothing", "GET /healthz/", "GET //healthz", "GET /ws/"])
    func `what is not there is not found, whatever is done with it`(line: String) throws {
        #expect(try statuses(Self.request(line + " HTTP/1.1")) == [404])
        #expect(try statuses(Self.health) == [200])
    }

    @Test func `requests at once are answered in their order`() throws {
        let lines = ["GET /healthz", "POST /rooms", "GET /nothing", "GET /rooms", "GET /ws"].map { $0 + " HTTP/1.1" }
        #expect(try statuses(lines.map { Self.request($0) }.joined()) == [200, 405, 404, 200, 400])
        #expect(channel.isActive)
    }

    /// Each is one request, or the beginning of one, that other programs may read as another.
    static let broken: [String] =
        [
            "Transfer-Encoding: xchunked", "Transfer-Encoding: identity", "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: chunked\r\nContent-Length: 3", "Content-Length: 3\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding:\r\nContent-Length: 3", "Transfer-Encoding:",
            "Content-Length: 3\r\nContent-Length: 3", "Content-Length: 3\r\nContent-Length: 4", "Content-Length: 3, 3",
            "Content-Length: +3", "Content-Length: -3", "Content-Length: 3x", "Content-Length: 0x3",
            "Content-Length: 99999999999999999999999", "Content-Length : 3", "Transfer-Encoding : chunked",
            "Transfer-Encoding:\u{b}chunked", " Content-Length: 3", "Content-Length: 3\r\n 4", "X: a\u{0}b",
            "Host: y", "no colon", ": no name",
        ].map { "POST /healthz HTTP/1.1\r\nHost: x\r\n\($0)\r\n\r\nabc\r\n\r\n" }
        + [
            "FFFFFFFFFFFFFFFFF\r\n", "1;a\nb\r\nx\r\n0\r\n\r\n", "-1\r\n", "0x1\r\nx\r\n0\r\n\r\n", "x\r\n",
            "1\r\nxx\r\n0\r\n\r\n", "1 \r\nx\r\n0\r\n\r\nz\r\n\r\n",
        ].map { "POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\($0)" }
        + [
            "what is this?\r\n\r\n", "GET /healthz HTTP/1.1\r\n\r\n", "GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n",
            "GET /healthz\r\n\r\n", "GET  HTTP/1.1\r\nHost: x\r\n\r\n", "\u{16}\u{3}\u{1}\u{0}",
            "GET user@x HTTP/1.1\r\nHost: x\r\n\r\n",
        ]

    @Test(arguments: broken)
    func `one request has one answer, and the connection ends where it is not clear what comes next`(
        text: String
    ) throws {
        let answer = try exchange(text + Self.health)
        #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
        #expect(answer.components(separatedBy: "HTTP/1.1 ").count == 2, "\(answer)")
        #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
        #expect(!channel.isActive)
    }

    @Test(arguments: broken)
    func `what was asked before that is answered before`(text: String) throws {
        #expect(try statuses(Self.health + Self.request("GET /rooms HTTP/1.1") + text) == [200, 200, 400])
        #expect(!channel.isActive)
    }

    @Test func `it is the same byte by byte`() throws {
        let text = "POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\nz\r\n"
        var answered: [Int] = []
        for byte in text where channel.isActive { answered += try statuses(String(byte)) }
        #expect(answered == [400])
    }

    @Test func `a body is dropped, so that it is not the next request`() throws {
        let body = Self.health
        let counted = Self.request("GET /healthz HTTP/1.1", "Content-Length: \(body.utf8.count)") + body
        #expect(try statuses(counted) == [200])
        let size = String(body.utf8.count, radix: 16)
        let chunked =
            Self.request("GET /healthz HTTP/1.1", "Transfer-Encoding: chunked")
            + "\(size);a=b\r\n\(body)\r\n0\r\nX: trailer\r\n\r\n"
        #expect(try statuses(chunked + Self.health) == [200, 200])
    }

    @Test(
        arguments: [
            (request("POST /healthz HTTP/1.1", "Content-Length: 100000"), 413),
            (request("POST /healthz HTTP/1.1", "Content-Length: 5", "Expect: 100-continue"), 405),
            (request("GET /healthz HTTP/1.1", "X: " + String(repeating: "x", count: 70_000)), 431),
            (request("GET /healthz HTTP/1.1", "Transfer-Encoding: gzip, chunked"), 501),
            (request("CONNECT x:80 HTTP/1.1"), 501),
            (request("GET /healthz HTTP/1.1", "Connection: close"), 200), ("GET /healthz HTTP/1.0\r\n\r\n", 200),
        ])
    func `behind a last answer nothing is read`(text: String, status: Int) throws {
        #expect(try statuses(text + Self.health) == [status])
        #expect(!channel.isActive)
    }

    @Test func `any request of a connection can be upgraded`() throws {
        #expect(
            try statuses(Self.health + Self.request("GET /nothing HTTP/1.1") + Self.request("GET /ws HTTP/1.1"))
                == [200, 404, 400])
        let answer = try exchange(Self.upgrade())
        #expect(answer.hasPrefix("HTTP/1.1 101 "))
        #expect(answer.lowercased().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="))
        #expect(gate.connectionCount == 1)
    }

    @Test func `also one behind another that is being answered, with its frames behind it in their order`() throws {
        let requests = Self.request("GET /rooms HTTP/1.1") + Self.upgrade()
        try channel.writeInbound(ByteBuffer(bytes: Array(requests.utf8) + Self.ping(1) + Self.ping(2)))
        try channel.writeInbound(ByteBuffer(bytes: Self.ping(3)))
        edge.turn()
        let bytes = try written()
        #expect(Self.statuses(in: String(decoding: bytes, as: UTF8.self)) == [200, 101])
        let pongs = (1...3).map { bytes.firstRange(of: [0x8A, 1, $0])?.lowerBound }
        #expect(pongs.allSatisfy { $0 != nil } && pongs.compactMap { $0 } == pongs.compactMap { $0 }.sorted())
        #expect(gate.connectionCount == 1)
    }

    @Test func `and one behind an upgrade that was refused`() throws {
        for refused in [
            Self.upgrade("/ws"), Self.upgrade("/ws?username=a%20b"), Self.upgrade("/healthz"), Self.upgrade("/nothing"),
            Self.request("GET /ws?username=a HTTP/1.1", "Connection: Upgrade", "Upgrade: h2c"),
        ] {
            let answer = try exchange(refused)
            #expect(!answer.contains("HTTP/1.1 101") && !answer.lowercased().contains("close"))
        }
        #expect(try statuses(Self.upgrade()) == [101])
    }

    @Test func `what comes right behind a refused upgrade may be no HTTP, and is not read as such`() throws {
        #expect(try statuses(Self.upgrade("/ws") + Self.health) == [400])
        #expect(!channel.isActive)
    }

    @Test func `the absolute form is upgraded like the other`() throws {
        #expect(try statuses(Self.upgrade("http://x/ws?username=alice")) == [101])
    }

    @Test func `a socket from which nothing was asked ends with the server, one that was asked answers first`() throws {
        try channel.writeInbound(ByteBuffer(string: Self.request("GET /rooms HTTP/1.1")))
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(channel.isActive)
        #expect(try exchange("").lowercased().contains("connection: close"))
        #expect(!channel.isActive)
        let idle = try HTTPConnectionTests().channel
        idle.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(!idle.isActive)
    }

    @Test func `who asks nothing for a minute is cut off, also between two requests`() throws {
        edge.eventLoop.advanceTime(by: .seconds(59))
        #expect(channel.isActive)
        edge.eventLoop.advanceTime(by: .seconds(121))
        #expect(!channel.isActive)
    }

    @Test func `nothing is read while something is being answered`() throws {
        let socket = StalledSocket()
        try channel.pipeline.syncOperations.addHandler(socket, position: .first)
        channel.read()
        #expect(socket.reads == 1)
        try channel.writeInbound(ByteBuffer(string: Self.request("GET /rooms HTTP/1.1")))
        let before = socket.reads
        channel.read()
        #expect(socket.reads == before)
        edge.turn()
        #expect(socket.reads == before + 1)
    }

    @Test func `a client that takes no answers is given one at a time`() throws {
        let socket = StalledSocket()
        try channel.pipeline.syncOperations.addHandler(socket, position: .first)
        socket.isStalled = true
        #expect(try statuses(String(repeating: Self.health, count: 3)) == [])
        socket.isStalled = false
        #expect(Self.statuses(in: String(decoding: try written(), as: UTF8.self)) == [200])
        edge.turn()
        #expect(Self.statuses(in: String(decoding: try written(), as: UTF8.self)) == [200, 200])
    }
}
