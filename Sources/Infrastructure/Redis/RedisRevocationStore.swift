public import Domain
public import Logging
public import NIOCore
public import Service
public import ServiceLifecycle

/// Revocations of the whole cluster, in Redis.
///
///     revocations          zset  revocation, as ``Service/Domain/Revocation/text`` has it → until when, in ms since 1970
///     revocations:version  text  a random mark, another one after each change
///
/// Both keys expire with the last revocation. It has a connection of its own: reading many revocations must not hold up the
/// beats of presence.
public final class RedisRevocationStore: RevocationStore, ServiceLifecycle.Service, CustomStringConvertible {
    /// What is read, and what is added, at a time.
    private static let pageSize = 5000
    private static let batchSize = 500

    private let client: RedisClient
    private let prefix: String
    private let time: TimeSource

    public var description: String { "RedisRevocationStore" }

    /// - Parameter keyPrefix: the beginning of every key.
    public init(
        url: RedisURL, trust: RedisTrust = .system, keyPrefix: String, eventLoopGroup: any EventLoopGroup,
        time: TimeSource, logger: Logger
    ) {
        client = RedisClient(
            url: url, trust: trust, scripts: [Self.addition], eventLoop: eventLoopGroup.next(), logger: logger)
        prefix = keyPrefix
        self.time = time
    }

    /// Connects, and reconnects, until shutdown.
    public func run() async { await cancelWhenGracefulShutdown { [client] in await client.run {} } }

    private var key: String { prefix + "revocations" }

    public func version() async throws(ChatError) -> String {
        try await asking { () throws(RedisError) in
            switch try await client.send(["GET", key + ":version"]) {
            case .null: ""
            case let reply: try reply.text()
            }
        }
    }

    public func load() async throws(ChatError) -> StoredRevocations {
        // The mark first: what is added while the pages are read changes it, and they are read again.
        let version = try await version()
        let now = String(time.wall().millisecondsSince1970)
        var entries: [RevocationEntry] = []
        var start = 0
        while true {
            let page = try await asking { () throws(RedisError) in
                try await client.send([
                    "ZRANGEBYSCORE", key, "(" + now, "+inf", "WITHSCORES", "LIMIT", String(start),
                    String(Self.pageSize),
                ]).texts()
            }
            for index in stride(from: 0, to: page.count - 1, by: 2) {
                guard let revocation = Revocation(text: page[index]), let until = Double(page[index + 1]),
                    let milliseconds = Int64(exactly: until.rounded())
                else { continue }  // not one of ours
                entries.append(RevocationEntry(revocation, until: Timestamp(millisecondsSince1970: milliseconds)))
            }
            start += Self.pageSize
            if page.count < 2 * Self.pageSize { return StoredRevocations(version: version, entries: entries) }
        }
    }

    public func add(_ entries: [RevocationEntry]) async throws(ChatError) {
        let now = String(time.wall().millisecondsSince1970)
        for start in stride(from: 0, to: entries.count, by: Self.batchSize) {
            let batch = entries[start..<min(start + Self.batchSize, entries.count)]
            let arguments = batch.flatMap { [$0.revocation.text, String($0.until.millisecondsSince1970)] }
            _ = try await asking { () throws(RedisError) in
                try await client.evaluate(Self.addition, key: key, [now, RandomToken.make()] + arguments).text()
            }
        }
    }

    /// Changes the mark with whatever it adds. A key of another type is not one of ours, and is deleted.
    private static let addition = RedisScript(
        name: "revocations-add",
        body: """
            local key, now = KEYS[1], ARGV[1]
            local kind = redis.call('TYPE', key)['ok']
            if kind ~= 'zset' and kind ~= 'none' then redis.call('DEL', key) end
            redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
            for i = 3, #ARGV, 2 do
                local known = redis.call('ZSCORE', key, ARGV[i])
                if not known or tonumber(known) < tonumber(ARGV[i + 1]) then
                    redis.call('ZADD', key, ARGV[i + 1], ARGV[i])
                end
            end
            redis.call('SET', key .. ':version', ARGV[2])
            local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
            if last[2] then
                local left = math.max(1, math.ceil(tonumber(last[2]) - tonumber(now)))
                redis.call('PEXPIRE', key, string.format('%.0f', left))
                redis.call('PEXPIRE', key .. ':version', string.format('%.0f', left))
            end
            return 'OK'
            """)

    private func asking<Value>(_ body: () async throws(RedisError) -> Value) async throws(ChatError) -> Value {
        do throws(RedisError) {
            return try await body()
        } catch {
            throw ChatError(.unavailable, "the store of revocations cannot be reached", cause: error)
        }
    }
}
