import Testing

@testable import InfrastructureRedis

struct MasterSearchTests {
    private static let sentinels = (1...3).map { RedisAddress(host: "s\($0)", port: 26_379) }
    private static let old = RedisAddress(host: "10.0.0.1", port: 6379)
    private static let new = RedisAddress(host: "10.0.0.2", port: 6379)
    private static let replica = RedisError.unreachable("it is a replica")

    private var search = MasterSearch(for: "main", asking: sentinels)

    private static func answer(_ address: RedisAddress) -> RedisReply {
        .array([.string(address.host), .string(String(address.port))])
    }

    private mutating func expectStep(_ expected: MasterSearch.Step?, _ location: SourceLocation = #_sourceLocation) {
        let step = search.next()
        #expect(step == expected, sourceLocation: location)
    }

    @Test mutating func `the first sentinel that knows the master is believed`() {
        #expect(search.question == ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"])
        expectStep(.ask(sentinel: Self.sentinels[0]))
        search.failed(.timedOut)
        expectStep(.ask(sentinel: Self.sentinels[1]))
        search.answered(.null)
        expectStep(.ask(sentinel: Self.sentinels[2]))
        search.answered(Self.answer(Self.new))
        expectStep(.connect(master: Self.new, sentinel: Self.sentinels[2]))
    }

    @Test mutating func `a sentinel that names a master of old is not the last that is asked`() {
        expectStep(.ask(sentinel: Self.sentinels[0]))
        search.answered(Self.answer(Self.old))
        expectStep(.connect(master: Self.old, sentinel: Self.sentinels[0]))
        search.failed(Self.replica)
        expectStep(.ask(sentinel: Self.sentinels[1]))
        search.answered(Self.answer(Self.new))
        expectStep(.connect(master: Self.new, sentinel: Self.sentinels[1]))
    }

    @Test mutating func `one address is tried once a round, whoever names it`() {
        for sentinel in Self.sentinels {
            expectStep(.ask(sentinel: sentinel))
            search.answered(Self.answer(Self.old))
            if sentinel == Self.sentinels[0] {
                expectStep(.connect(master: Self.old, sentinel: sentinel))
                search.failed(.timedOut)
            }
        }
        expectStep(nil)
        #expect("\(search.failure)" == "sentinel s1:26379 names 10.0.0.1:6379: no reply in time")
    }

    @Test mutating func `a round in vain says in one line how it went`() {
        expectStep(.ask(sentinel: Self.sentinels[0]))
        search.failed(.unreachable("connection refused"))
        expectStep(.ask(sentinel: Self.sentinels[1]))
        search.answered(.null)
        expectStep(.ask(sentinel: Self.sentinels[2]))
        search.answered(.status("OK"))
        expectStep(nil)
        #expect(
            search.failure
                == .unreachable(
                    "sentinel s1:26379: connection refused; sentinel s2:26379 knows no master main; "
                        + "sentinel s3:26379 does not answer as a sentinel"))
        expectStep(nil)
    }

    @Test mutating func `a round in which nothing went wrong that could pass is not worth another one`() {
        let refused = RedisError.server("WRONGPASS invalid username-password pair")
        for sentinel in Self.sentinels {
            expectStep(.ask(sentinel: sentinel))
            search.failed(refused)
        }
        expectStep(nil)
        #expect(search.failure.isPermanent)

        var another = MasterSearch(for: "main", asking: Self.sentinels)
        for answer in [refused, .timedOut, refused] {
            _ = another.next()
            another.failed(answer)
        }
        #expect(another.next() == nil && !another.failure.isPermanent)

        // It is watched from any moment on.
        var unknown = MasterSearch(for: "main", asking: [Self.old])
        _ = unknown.next()
        unknown.answered(.null)
        #expect(unknown.next() == nil && !unknown.failure.isPermanent)
    }

    @Test(arguments: [
        RedisReply.array([]), .array([.string("h")]), .array([.string("h"), .string("x")]), .string("h:1"),
        .array([.string("h"), .string("0")]), .array([.string("h"), .string("65536")]),
        .array([.string(""), .string("1")]), .array([.string("h"), .string("1"), .string("2")]), .integer(7),
        .array([.null, .null]),
    ])
    mutating func `an answer that names no address leads on to the next sentinel`(_ reply: RedisReply) {
        expectStep(.ask(sentinel: Self.sentinels[0]))
        search.answered(reply)
        expectStep(.ask(sentinel: Self.sentinels[1]))
    }
}
