import NIOCore
import NIOEmbedded
import Testing

@testable import InfrastructureRedis

struct PresenceRedisReplyTests {
    private static let stream =
        "+OK\r\n:-42\r\n$-1\r\n$5\r\nhe\r\nl\r\n*2\r\n$1\r\na\r\n*1\r\n:1\r\n-ERR no\r\n$0\r\n\r\n*0\r\n"
    private static let replies: [RedisReply] = [
        .status("OK"), .integer(-42), .null, .string("he\r\nl"), .array([.string("a"), .array([.integer(1)])]),
        .error("ERR no"), .string(""), .array([]),
    ]

    @Test(arguments: [1, 2, 3, 7, 1000])
    func `replies are the same in whatever pieces they come`(_ size: Int) throws {
        let parser = try RedisReplyParser()
        var buffer = ByteBuffer(string: Self.stream)
        var found: [RedisReply] = []
        while let piece = buffer.readSlice(length: min(size, buffer.readableBytes)), piece.readableBytes > 0 {
            try parser.feed(piece)
            while let reply = try parser.next() { found.append(reply) }
        }
        #expect(found == Self.replies)
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\n\r\n", "\0\0\0\0", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
    ])
    func `garbage is an error`(_ text: String) throws {
        let parser = try RedisReplyParser()
        #expect(throws: RedisError.self) {
            try parser.feed(ByteBuffer(string: text))
            _ = try parser.next()
        }
    }

    @Test func `text that is no UTF-8 is repaired`() throws {
        let parser = try RedisReplyParser()
        try parser.feed(ByteBuffer(bytes: Array("$2\r\na".utf8) + [0xFF] + Array("\r\n".utf8)))
        #expect(try parser.next() == .string("a\u{FFFD}"))
    }

    @Test func `commands may hold any bytes, also none`() throws {
        let command = try RedisCommand.encode(["SET", "a b\r\n", "", "日\0"])
        #expect(String(buffer: command) == "*4\r\n$3\r\nSET\r\n$5\r\na b\r\n\r\n$0\r\n\r\n$4\r\n日\0\r\n")
        #expect(String(buffer: try RedisCommand.encode([""])) == "*1\r\n$0\r\n\r\n")
    }

    @Test func `an answer of another kind than expected is the peer's mistake`() {
        #expect(throws: RedisError.protocolViolation("a string was expected")) { try RedisReply.integer(1).text() }
        #expect(throws: RedisError.protocolViolation("an integer was expected")) { try RedisReply.null.number() }
        #expect(throws: RedisError.server("ERR x")) { try RedisReply.error("ERR x").elements() }
    }

    @Test func `delays grow to two seconds and stay within their halves`() {
        var delays = RedisReconnectDelays()
        var ceilings = [50, 100, 200, 400, 800, 1600].map { Duration.milliseconds($0) }
        ceilings += [.seconds(2), .seconds(2)]
        for ceiling in ceilings {
            let delay = delays.next()
            #expect((ceiling / 2...ceiling).contains(delay))
        }
        delays.reset()
        #expect(delays.next() <= .milliseconds(50))
    }
}

struct PresenceRedisErrorTests {
    @Test(arguments: [
        (
            "READONLY You can't write against a read only replica. script: 5f3c, on @user_script:71.",
            "READONLY You can't write against a read only replica."
        ),
        (
            "ERR Error running script (call to f_5f3c): @user_script:71: -READONLY You can't write.",
            "READONLY You can't write."
        ),
        ("ERR Error compiling script", "ERR Error compiling script"), ("", ""),
    ])
    func `an error reply is the same wherever in a script it came up`(_ text: String, _ expected: String) {
        #expect(RedisError.answered(text) == .server(expected))
    }

    @Test(arguments: [
        ("OOM command not allowed", "Redis says: OOM command not allowed (it has reached its maxmemory)"),
        (
            "DENIED Redis is running in protected mode because protected mode is enabled. In this mode, etc. 1) Or etc.",
            "Redis says: DENIED Redis is running in protected mode because protected mode is enabled "
                + "(it is in protected mode: give it a password, or bind it to a private address)"
        ),
        ("ERR whatever. It is.", "Redis says: ERR whatever. It is."), ("", "Redis says: "),
    ])
    func `what an operator can do something about says what`(_ text: String, _ expected: String) {
        #expect("\(RedisError.server(text))" == expected)
    }
}

struct PresenceRedisConnectionTests {
    private let channel: EmbeddedChannel
    private let handler: RedisConnectionHandler

    init() throws {
        handler = try RedisConnectionHandler(timeout: .seconds(2), maximumInFlight: 3)
        channel = EmbeddedChannel(handler: handler)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func send() -> EventLoopFuture<RedisReply> {
        let promise = channel.eventLoop.makePromise(of: RedisReply.self)
        handler.send(ByteBuffer(string: "PING"), promise)
        return promise.futureResult
    }

    @Test func `replies go to the commands in their order`() throws {
        let (first, second) = (send(), send())
        try channel.writeInbound(ByteBuffer(string: ":1\r\n:2"))
        try channel.writeInbound(ByteBuffer(string: "\r\n"))
        #expect(try first.wait() == .integer(1))
        #expect(try second.wait() == .integer(2))
        #expect(channel.isActive)
    }

    @Test func `more than may be in flight are refused, and the others are not disturbed`() throws {
        let waiting = [send(), send(), send()]
        #expect(throws: RedisError.tooManyInFlight) { try send().wait() }
        try channel.writeInbound(ByteBuffer(string: ":1\r\n:2\r\n:3\r\n"))
        #expect(try waiting.map { try $0.wait() } == [.integer(1), .integer(2), .integer(3)])
    }

    @Test func `a reply to no command ends the connection`() throws {
        try channel.writeInbound(ByteBuffer(string: ":1\r\n"))
        #expect(!channel.isActive)
        #expect(throws: RedisError.notConnected) { try send().wait() }
    }

    @Test func `what the server says before it is asked is why the connection ends`() throws {
        try channel.writeInbound(ByteBuffer(string: "-ERR max number of clients reached\r\n"))
        #expect(!channel.isActive)
        #expect(throws: RedisError.server("ERR max number of clients reached")) { try send().wait() }
    }

    @Test func `trouble that was put into words reaches those who wait, and those who come later`() throws {
        let waiting = send()
        channel.pipeline.fireErrorCaught(RedisError.unreachable("no trust"))
        #expect(throws: RedisError.unreachable("no trust")) { try waiting.wait() }
        #expect(throws: RedisError.unreachable("no trust")) { try send().wait() }
        #expect(!channel.isActive)
    }

    @Test func `garbage ends the connection and fails all that wait`() throws {
        let waiting = [send(), send()]
        try channel.writeInbound(ByteBuffer(string: "garbage\r\n"))
        for future in waiting { #expect(throws: RedisError.self) { try future.wait() } }
        #expect(!channel.isActive)
    }

    @Test func `a loss of the connection fails all that wait`() throws {
        let waiting = [send(), send()]
        try channel.close().wait()
        for future in waiting { #expect(throws: RedisError.disconnected) { try future.wait() } }
    }
}
