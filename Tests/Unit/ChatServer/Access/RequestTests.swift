import HTTPTypes
import NIOCore
import NIOHTTP1
import Testing

@testable import ChatServer

struct RequestTests {
    @Test func `a request has a path, a query, headers and a source`() throws {
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: "http://x/rooms?limit=1", headers: ["Host": "x"])
        let address = try SocketAddress(ipAddress: "192.0.2.1", port: 1)
        let request = try Request(head, from: RequestSource(peerAddress: address))
        #expect(request.method == .GET && request.path == "/rooms")
        #expect(try request.query.value(of: "limit") == "1")
        #expect(request.headers == head.headers)
        #expect(request.source.peerAddress == address)
    }

    private func status(of head: HTTPRequestHead) -> Int? {
        do throws(Refusal) {
            _ = try Request(head, from: .unknown)
            return nil
        } catch {
            return error.status.code
        }
    }

    @Test(
        arguments: [
            ([("Host", "x")], .http1_1, nil), ([("Host", "x:80")], .http1_1, nil), ([("Host", "[::1]")], .http1_1, nil),
            ([("Host", "")], .http1_1, nil), ([], .http1_0, nil), ([("Host", "x")], .http1_0, nil),
            ([], .http1_1, 400), ([("Host", "a"), ("Host", "b")], .http1_1, 400),
            ([("Host", "a"), ("host", "a")], .http1_1, 400), ([("Host", "a"), ("Host", "a")], .http1_0, 400),
            ([("Host", "a b")], .http1_1, 400), ([("Host", "a/b")], .http1_1, 400), ([("Host", "u@a")], .http1_1, 400),
            ([("Host", "a, b")], .http1_1, 400),
        ] as [([(String, String)], HTTPVersion, Int?)])
    func `a request says once whom it asks`(hosts: [(String, String)], version: HTTPVersion, status: Int?) {
        let head = HTTPRequestHead(version: version, method: .GET, uri: "/healthz", headers: HTTPHeaders(hosts))
        #expect(self.status(of: head) == status)
    }

    @Test(
        arguments: [
            ([:], .none), (["Content-Length": "0"], .none), (["Content-Length": "12"], .counted(12)),
            (["Transfer-Encoding": "chunked"], .chunked), (["Transfer-Encoding": "Chunked"], .chunked),
        ] as [(HTTPHeaders, RequestBody)])
    func `a request says where it ends`(headers: HTTPHeaders, body: RequestBody) throws {
        #expect(try Request.make(.POST, "/healthz", headers).body == body)
    }

    @Test(
        arguments: [
            (["Transfer-Encoding": "xchunked"], .http1_1, 400), (["Transfer-Encoding": "identity"], .http1_1, 400),
            (["Transfer-Encoding": "chun\u{212A}ed"], .http1_1, 400),
            (["Transfer-Encoding": "chunked, identity"], .http1_1, 400),
            (["Transfer-Encoding": "chunked"], .http1_0, 400), (["Transfer-Encoding": ""], .http1_1, 400),
            (["Transfer-Encoding": "", "Content-Length": "3"], .http1_1, 400),
            (["Transfer-Encoding": "chunked", "Content-Length": "3"], .http1_1, 400),
            (["Content-Length": "3", "content-length": "3"], .http1_1, 400),
            (["Content-Length": "3, 3"], .http1_1, 400), (["Content-Length": "-1"], .http1_1, 400),
            (["Content-Length": "0x3"], .http1_1, 400), (["Content-Length": "99999999999999999999"], .http1_1, 400),
            (["Transfer-Encoding": "gzip, chunked"], .http1_1, 501),
            (["Transfer-Encoding": "chunked, chunked"], .http1_1, 501),
        ] as [(HTTPHeaders, HTTPVersion, Int)])
    func `one that does not is refused`(headers: HTTPHeaders, version: HTTPVersion, status: Int) {
        var headers = headers
        headers.add(name: "Host", value: "x")
        #expect(
            self.status(of: .init(version: version, method: .POST, uri: "/healthz", headers: headers)) == status)
    }

    @Test func `a tunnel to somewhere else is not to be had`() {
        #expect(
            status(of: .init(version: .http1_1, method: .CONNECT, uri: "x:80", headers: ["Host": "x"])) == 501)
    }

    @Test func `HTTP 1.0 knows neither upgrades nor connections that go on`() throws {
        let old = try Request.make(
            .GET, "/ws", ["Connection": "Upgrade, keep-alive", "Upgrade": "websocket"], version: .http1_0)
        #expect(!old.asksForUpgrade && !old.keepsAlive)
    }

    @Test(
        arguments: [
            ([:], false), (["Upgrade": "h2c"], false), (["Connection": "Upgrade"], false),
            (["Connection": "keep-alive, uPGRADE", "Upgrade": "h2c"], true),
            (["Connection": "upgraded", "Upgrade": "h2c"], false),
        ] as [(HTTPHeaders, Bool)])
    func `an upgrade is asked for by two headers`(headers: HTTPHeaders, asks: Bool) throws {
        #expect(try Request.make(.GET, "/healthz", headers).asksForUpgrade == asks)
    }

    @Test func `only who has a body to send waits to be told to`() throws {
        #expect(try Request.make(.POST, "/", ["Expect": "100-Continue", "Content-Length": "1"]).awaitsContinue)
        #expect(try !Request.make(.GET, "/", ["Expect": "100-continue"]).awaitsContinue)
        #expect(try !Request.make(.POST, "/", ["Content-Length": "1"]).awaitsContinue)
    }
}
