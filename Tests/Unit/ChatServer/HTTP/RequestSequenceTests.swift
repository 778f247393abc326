import HTTPTypes
import NIOCore
import NIOHTTP1
import Testing

@testable import ChatServer

struct RequestSequenceTests {
    private var sequence = RequestSequence(source: .unknown)

    /// What is to be done next, in a word: the path, or the status of a refusal.
    private mutating func next() -> String {
        switch sequence.next() {
        case .wait: "wait"
        case .take(.respond(let request)): request.path
        case .take(.refuse(let refusal, _)): "\(refusal.status.code)"
        case .restartParser: "restart"
        case .close: "close"
        }
    }

    private mutating func head(_ path: String, _ headers: HTTPHeaders = [:], method: HTTPMethod = .GET) {
        var all: HTTPHeaders = ["Host": "x"]
        all.add(contentsOf: headers)
        sequence.receive(.head(.init(version: .http1_1, method: method, uri: path, headers: all)))
    }

    private mutating func request(_ path: String, _ headers: HTTPHeaders = [:]) {
        head(path, headers)
        sequence.receive(.end(nil))
    }

    private mutating func body(_ bytes: Int) {
        sequence.receive(.body(ByteBuffer(repeating: 0x78, count: bytes)))
    }

    private static let upgrade: HTTPHeaders = ["Connection": "Upgrade", "Upgrade": "websocket"]

    @Test mutating func `requests have their turns in order, one at a time`() {
        for path in ["/a", "/b"] { request(path) }
        #expect(next() == "/a")
        #expect(!sequence.isLast)
        request("/c")
        #expect(next() == "wait")
        #expect(sequence.isBusy)
        for path in ["/b", "/c"] {
            sequence.answered()
            #expect(next() == path)
        }
        sequence.answered()
        #expect(next() == "wait")
        #expect(!sequence.isBusy && sequence.isIdle)
    }

    @Test mutating func `a request has its turn when all of it is there`() {
        head("/a", ["Content-Length": "2"])
        #expect(next() == "wait")
        #expect(!sequence.isBusy && !sequence.isIdle)
        body(1)
        body(1)
        #expect(next() == "wait")
        sequence.receive(.end(nil))
        #expect(next() == "/a")
    }

    @Test(
        arguments: [
            ("/api/revocations", .POST, 2), ("/api/users/alice/disconnect", .POST, 2), ("/api/users", .POST, 0),
            ("/api/revocations", .GET, 0), ("/healthz", .POST, 0), ("/nowhere", .POST, 0),
        ] as [(String, HTTPMethod, Int)])
    mutating func `a body is kept where it is needed, and dropped elsewhere`(
        path: String, method: HTTPMethod, kept: Int
    ) {
        head(path, ["Content-Length": "2"], method: method)
        body(1)
        body(1)
        sequence.receive(.end(nil))
        guard case .take(.respond(let request)) = sequence.next() else {
            Issue.record("no request")
            return
        }
        #expect(request.content.count == kept)
    }

    @Test mutating func `a request whose rest is no HTTP is answered once, by a refusal`() {
        head("/a", ["Transfer-Encoding": "chunked"])
        body(3)
        sequence.fail(.unintelligible)
        sequence.fail(.unintelligible)
        #expect(next() == "400")
        #expect(sequence.isLast)
        sequence.answered()
        #expect(next() == "close")
    }

    @Test mutating func `a head that leaves open where the request ends is answered once, whatever the parser says`() {
        head("/a", ["Transfer-Encoding": "xchunked"])
        sequence.fail(.unintelligible)
        request("/b")
        #expect(next() == "400")
        sequence.answered()
        #expect(next() == "close")
    }

    @Test mutating func `what cannot be understood is told behind the answers that are due`() {
        request("/a")
        request("/b")
        sequence.fail(.headersTooLarge)
        #expect(next() == "/a")
        #expect(!sequence.isLast)
        sequence.answered()
        #expect(next() == "/b")
        #expect(!sequence.isLast)
        sequence.answered()
        #expect(next() == "431")
        #expect(sequence.isLast)
    }

    @Test mutating func `behind a request that ends the connection nothing counts`() {
        request("/a", ["Connection": "close"])
        request("/b")
        sequence.fail(.unintelligible)
        #expect(next() == "/a")
        #expect(sequence.isLast)
        sequence.answered()
        #expect(next() == "close")
    }

    @Test mutating func `a body within the bound is dropped, and one beyond it refused at once`() {
        let bound = RequestSequence.maximumBodyBytes
        head("/a", ["Content-Length": "\(bound)"])
        body(bound)
        sequence.receive(.end(nil))
        #expect(next() == "/a")
        sequence.answered()
        head("/b", ["Transfer-Encoding": "chunked"])
        body(bound)
        #expect(next() == "wait")
        body(1)
        #expect(next() == "413")
        sequence.receive(.end(nil))
        sequence.answered()
        #expect(next() == "close")
    }

    @Test mutating func `a body that is announced as too large is not waited for`() {
        head("/a", ["Content-Length": "\(RequestSequence.maximumBodyBytes + 1)"])
        #expect(next() == "413")
        #expect(sequence.isLast)
    }

    @Test mutating func `who waits to be told to send a body gets the answer instead`() {
        head("/a", ["Content-Length": "5", "Expect": "100-continue"], method: .POST)
        #expect(next() == "/a")
        #expect(sequence.isLast)
        body(5)
        sequence.receive(.end(nil))
        sequence.answered()
        #expect(next() == "close")
    }

    @Test mutating func `a client that has hung up still gets what it asked for`() {
        request("/a")
        sequence.end()
        #expect(next() == "/a")
        #expect(sequence.isLast)
        sequence.answered()
        #expect(next() == "close")
    }

    @Test mutating func `an upgrade can be had by any request when those before it are answered`() {
        request("/a")
        request("/ws", Self.upgrade)
        #expect(next() == "/a")
        #expect(!sequence.canUpgrade && sequence.isBusy)
        sequence.answered()
        #expect(!sequence.canUpgrade)
        #expect(next() == "/ws")
        #expect(sequence.canUpgrade && !sequence.isLast)
    }

    @Test mutating func `behind an upgrade that was refused the connection goes on with a new parser`() {
        request("/ws", Self.upgrade)
        #expect(next() == "/ws")
        sequence.answered()
        #expect(next() == "restart")
        #expect(next() == "wait")
        #expect(sequence.isBusy)
        sequence.parserRestarted(hasRest: false)
        #expect(next() == "wait")
        #expect(!sequence.isBusy && sequence.isIdle)
        request("/ws", Self.upgrade)
        #expect(next() == "/ws")
        #expect(sequence.canUpgrade)
    }

    @Test mutating func `what came behind a refused upgrade is not read as HTTP`() {
        request("/ws", Self.upgrade)
        #expect(next() == "/ws")
        sequence.answered()
        #expect(next() == "restart")
        sequence.parserRestarted(hasRest: true)
        #expect(next() == "close")
    }

    @Test mutating func `nor is the connection upgraded where the parser has read on behind the request`() {
        request("/ws", Self.upgrade)
        request("/b")
        #expect(next() == "/ws")
        #expect(!sequence.canUpgrade && sequence.isLast)
        sequence.answered()
        #expect(next() == "close")
    }

    @Test mutating func `a refused upgrade that was to end the connection does`() {
        request("/ws", ["Connection": "Upgrade, close", "Upgrade": "websocket"])
        #expect(next() == "/ws")
        #expect(sequence.isLast && sequence.canUpgrade)
        sequence.answered()
        #expect(next() == "close")
    }
}
