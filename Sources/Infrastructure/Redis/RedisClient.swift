import Logging
import NIOCore
import Synchronization

/// A Lua script that Redis runs as one step.
struct RedisScript: Sendable {
    let name: String
    let body: String
}

/// One connection to the Redis that accepts writes. It is opened again by itself whenever it breaks.
///
/// - Commands are sent in the order of the calls, as far as calls have one, and pipelined.
/// - Without a connection commands fail at once; with one, each has a deadline. If a reply is late, the connection is
///   closed.
/// - A command that was sent is completed: cancelling its caller does not abandon it. The deadline bounds the wait.
final class RedisClient: Sendable {
    struct Options {
        /// For connecting, and for each command.
        var timeout: Duration = .seconds(2)
        /// The same for sentinels, where there are others to ask.
        var sentinelTimeout: Duration = .seconds(1)
        var maximumInFlight = 10_000
    }

    private struct State {
        var connection: RedisConnection?
        /// The names under which the server at the other end knows the scripts.
        var digests: [String: String] = [:]
        var lastFailure: RedisError?
    }

    let eventLoop: any EventLoop
    private let url: RedisURL
    private let trust: RedisTrust
    private let scripts: [RedisScript]
    private let options: Options
    private let logger: Logger
    private let state = Mutex(State())

    init(
        url: RedisURL, trust: RedisTrust = .system, scripts: [RedisScript], options: Options = Options(),
        eventLoop: any EventLoop, logger: Logger
    ) {
        self.url = url
        self.trust = trust
        self.scripts = scripts
        self.options = options
        self.eventLoop = eventLoop
        self.logger = logger
    }

    var isConnected: Bool { state.withLock { $0.connection != nil } }

    /// Why the latest attempt to connect failed; nil once one succeeded.
    var lastFailure: RedisError? { state.withLock { $0.lastFailure } }

    /// Sends a command, its name first.
    func send(_ arguments: [String]) async throws(RedisError) -> RedisReply {
        guard let connection = state.withLock({ $0.connection }) else { throw .notConnected }
        return try await send(arguments, over: connection)
    }

    /// Runs a script, whether or not Redis still remembers it.
    ///
    /// - Parameter key: one of the script's keys; in Redis Cluster they all live in the same slot.
    func evaluate(
        _ script: RedisScript, key: String, _ arguments: [String]
    ) async throws(RedisError) -> RedisReply {
        let (connection, digest) = state.withLock { ($0.connection, $0.digests[script.name]) }
        guard let connection else { throw .notConnected }
        let rest = ["1", key] + arguments
        if let digest {
            do {
                return try await send(["EVALSHA", digest] + rest, over: connection)
            } catch .server(let text) where text.hasPrefix("NOSCRIPT") {
                // SCRIPT FLUSH, or a failover behind a proxy. EVAL makes Redis remember it again.
            }
        }
        return try await send(["EVAL", script.body] + rest, over: connection)
    }

    /// Connects, and reconnects, until it is cancelled.
    ///
    /// - Parameter connectionChanged: called after each gain and each loss of the connection, and each failed attempt
    ///   to connect; one call at a time.
    func run(connectionChanged: @Sendable () -> Void) async {
        var connector = RedisConnector(url: url, trust: trust, options: options, eventLoop: eventLoop)
        var delays = RedisReconnectDelays()
        while !Task.isCancelled {
            do throws(RedisError) {
                let connection = try await connector.connect()
                let digests = try await load(scripts, over: connection)
                state.withLock { $0 = State(connection: connection, digests: digests) }
                logger.info("redis connected", metadata: ["address": "\(connection.address)"])
                connectionChanged()
                await connection.closed()
                let wasGivenUp = state.withLock { state in
                    defer { state = State(lastFailure: .disconnected) }
                    return state.connection == nil
                }
                // A server that accepts no writes is no success, even if connecting to it succeeds.
                if !wasGivenUp { delays.reset() }
                if !Task.isCancelled {
                    logger.warning("redis connection lost", metadata: ["address": "\(connection.address)"])
                }
                connectionChanged()
            } catch {
                if Task.isCancelled { return }
                let isNews = state.withLock { state in
                    defer { state.lastFailure = error }
                    return state.lastFailure != error
                }
                logger.log(
                    level: isNews ? .warning : .debug, "redis cannot be reached",
                    metadata: ["address": "\(url.address)", "error": "\(error)"])
                connectionChanged()
            }
            do { try await Task.sleep(for: delays.next()) } catch { return }
        }
    }

    private func load(
        _ scripts: [RedisScript], over connection: RedisConnection
    ) async throws(RedisError) -> [String: String] {
        do throws(RedisError) {
            var digests: [String: String] = [:]
            for script in scripts {
                digests[script.name] = try await connection.send(["SCRIPT", "LOAD", script.body]).text()
            }
            return digests
        } catch {
            connection.close()
            throw error
        }
    }

    private func send(_ arguments: [String], over connection: RedisConnection) async throws(RedisError) -> RedisReply {
        do throws(RedisError) {
            return try await connection.send(arguments)
        } catch .server(let text) where text.hasPrefix("READONLY") {
            // This server is no longer the master. The next connection goes to the new master, once there is one.
            state.withLock { if $0.connection == connection { $0.connection = nil } }
            connection.close()
            throw .server(text)
        }
    }
}
