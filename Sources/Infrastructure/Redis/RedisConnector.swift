import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// Opens connections to the Redis of a URL: encrypted if the URL says so, logged in, and to a master.
///
/// If sentinels watch Redis, they are asked again for each connection. In this way the connections follow a failover.
struct RedisConnector {
    private let url: RedisURL
    private let trust: RedisTrust
    private let options: RedisClient.Options
    private let eventLoop: any EventLoop
    /// The one that gave the right answer the last time comes first.
    private var sentinels: [RedisAddress] = []
    private var encryption: NIOSSLContext?

    init(url: RedisURL, trust: RedisTrust, options: RedisClient.Options, eventLoop: any EventLoop) {
        self.url = url
        self.trust = trust
        self.options = options
        self.eventLoop = eventLoop
        if case .sentinels(let sentinels, _) = url.place { self.sentinels = sentinels }
    }

    mutating func connect() async throws(RedisError) -> RedisConnection {
        if url.isEncrypted { encryption = try trust.context() }
        switch url.place {
        case .server(let address): return try await logIn(to: address, mustTellRole: false)
        case .sentinels(_, let master): return try await find(master)
        }
    }

    private mutating func find(_ master: String) async throws(RedisError) -> RedisConnection {
        var search = MasterSearch(for: master, asking: sentinels)
        while !Task.isCancelled, let step = search.next() {
            do throws(RedisError) {
                switch step {
                case .ask(let sentinel):
                    search.answered(try await ask(sentinel, search.question))
                case .connect(let address, let sentinel):
                    let connection = try await logIn(to: address, mustTellRole: true)
                    sentinels.removeAll { $0 == sentinel }
                    sentinels.insert(sentinel, at: 0)
                    return connection
                }
            } catch {
                search.failed(error)
            }
        }
        throw search.failure
    }

    private func ask(_ sentinel: RedisAddress, _ question: [String]) async throws(RedisError) -> RedisReply {
        let connection = try await open(sentinel, timeout: options.sentinelTimeout)
        defer { connection.close() }
        do throws(RedisError) {
            try await authenticate(url.sentinelCredentials, over: connection)
            return try await connection.send(question)
        } catch {
            throw explained(error)
        }
    }

    private func logIn(to address: RedisAddress, mustTellRole: Bool) async throws(RedisError) -> RedisConnection {
        let connection = try await open(address, timeout: options.timeout)
        do throws(RedisError) {
            try await authenticate(url.credentials, over: connection)
            if url.database != 0 { _ = try await connection.send(["SELECT", String(url.database)]) }
            try await checkRole(over: connection, mustBeTold: mustTellRole)
        } catch {
            connection.close()
            throw explained(error)
        }
        return connection
    }

    private func authenticate(
        _ credentials: RedisURL.Credentials?, over connection: RedisConnection
    ) async throws(RedisError) {
        guard let credentials else { return }
        _ = try await connection.send(["AUTH"] + (credentials.username.map { [$0] } ?? []) + [credentials.password])
    }

    /// - Parameter mustBeTold: false: a Redis that does not permit the question is taken for a master. Some hosted ones
    ///   do not permit it.
    private func checkRole(over connection: RedisConnection, mustBeTold: Bool) async throws(RedisError) {
        let role: String?
        do throws(RedisError) {
            role = try await connection.send(["ROLE"]).elements().first?.text()
        } catch .server(let text) where !mustBeTold && (text.hasPrefix("NOPERM") || text.hasPrefix("ERR unknown")) {
            return
        }
        switch role {
        case "master": return
        case "sentinel": throw .misconfigured("it is a sentinel; their URL begins with redis+sentinel://")
        default: throw .unreachable("it is a replica, which takes no writes")
        }
    }

    private func open(_ address: RedisAddress, timeout: Duration) async throws(RedisError) -> RedisConnection {
        let timeout = TimeAmount(timeout)
        let (encryption, maximumInFlight) = (encryption, options.maximumInFlight)
        do {
            return try await ClientBootstrap(group: eventLoop)
                .connectTimeout(timeout)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .connect(host: address.host, port: address.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let encryption { try RedisTLS.add(encryption, for: address, to: channel) }
                        let handler = try RedisConnectionHandler(timeout: timeout, maximumInFlight: maximumInFlight)
                        try channel.pipeline.syncOperations.addHandler(handler)
                        return RedisConnection(channel, handler, to: address)
                    }
                }
        } catch {
            throw (error as? NIOSSLExtraError).map(RedisTLS.explained) ?? .unreachable(Self.reason(error))
        }
    }

    /// The meaning of silence or of a closed connection before the first answer: in most cases only one side speaks
    /// TLS. A server that is not Redis at this point will not become one.
    private func explained(_ error: RedisError) -> RedisError {
        switch error {
        case .disconnected where url.isEncrypted: .unreachable("it ended the connection during the login")
        case .disconnected:
            .unreachable("it ended the connection during the login; does its port expect TLS (rediss://)?")
        case .timedOut where url.isEncrypted: .unreachable("no reply in time; does its port speak TLS?")
        case .protocolViolation: .misconfigured("\(error)")
        default: error
        }
    }

    /// The system's words for the failure of a connection, without those of the library.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            guard let first = error.connectionErrors.first else { return "the host name cannot be resolved" }
            return reason(first.error)
        case let error as IOError:
            return String(cString: strerror(error.errnoCode)).lowercased()
        case ChannelError.connectTimeout:
            return "no answer in time"
        default:
            return "\(error)"
        }
    }
}
