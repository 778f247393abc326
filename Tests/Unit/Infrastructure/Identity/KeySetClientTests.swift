import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import InfrastructureIdentity

/// What the client makes of a server's answers, over sockets.
struct KeySetClientTests {
    /// Answers every connection with the same bytes, and ends it.
    private final class Answering: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let answer: String
        private let asked = Mutex("")

        init(_ answer: String) { self.answer = answer }

        var request: String { asked.withLock { $0 } }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            let isWhole = asked.withLock { asked in
                asked += text
                return asked.hasSuffix("\r\n\r\n")
            }
            guard isWhole else { return }
            context.writeAndFlush(NIOAny(ByteBuffer(string: answer)), promise: nil)
            context.close(promise: nil)
        }
    }

    private func fetch(_ answer: String) async throws -> (Result<[UInt8], KeySetFetchError>, request: String) {
        let handler = Answering(answer)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { $0.pipeline.addHandler(handler) }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let client = KeySetClient(
            url: try KeySetURL("http://127.0.0.1:\(port)/keys?a=b"),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        let result: Result<[UInt8], KeySetFetchError>
        do throws(KeySetFetchError) { result = .success(try await client.fetch()) } catch { result = .failure(error) }
        try await server.close()
        return (result, handler.request)
    }

    @Test(
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nkeys",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nke\r\n2\r\nys\r\n0\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\nkeys",
        ])
    func `the body of the answer is what is fetched`(answer: String) async throws {
        let (result, request) = try await fetch(answer)
        #expect(try result.get() == Array("keys".utf8))
        #expect(request.hasPrefix("GET /keys?a=b HTTP/1.1\r\nhost: 127.0.0.1:"))
    }

    @Test(
        arguments: [
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answers with status 404"),
            ("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\n\r\n", "answers with status 302"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nkeys", "ends the connection before its answer"),
            ("", "ends the connection before its answer"),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + String(repeating: "x", count: 300_000),
                "is longer than 262144 bytes"
            ),
            ("SSH-2.0-OpenSSH\r\n", "cannot be reached"),
        ])
    func `anything else is said in words`(answer: String, words: String) async throws {
        let (result, _) = try await fetch(answer)
        guard case .failure(let error) = result else {
            Issue.record("fetched")
            return
        }
        // A connection that ends within an answer is a mistake of HTTP, too.
        #expect([words, "cannot be reached"].contains(error.description), "\(error)")
    }

    @Test func `nobody there is said in words`() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        try await server.close()
        let client = KeySetClient(
            url: try KeySetURL("http://127.0.0.1:\(port)/"), eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        await #expect(throws: KeySetFetchError("cannot be reached")) { try await client.fetch() }
    }
}
