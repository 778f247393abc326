import Foundation
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// A Lua script that Redis runs as one step.
struct RedisScript: Sendable {
    let name: String
    let body: String
}

/// One connection to one Redis, made again by itself whenever it breaks.
///
/// - Commands are sent in the order of the calls, as far as calls have one, and pipelined.
/// - Without a connection they fail at once; with one, each has a deadline. A late reply costs the connection.
/// - A command that was sent is seen through: cancelling its caller does not abandon it. The deadline bounds the wait.
final class RedisClient: Sendable {
    struct Options {
        /// For connecting, and for each command.
        var timeout: Duration = .seconds(2)
        var maximumInFlight = 10_000
    }

    /// A connection that is logged in and has the scripts.
    private struct Connection: Sendable {
        let channel: any Channel
        let handler: NIOLoopBound<RedisConnectionHandler>
        /// What Redis calls the scripts, by their names.
        var digests: [String: String] = [:]
    }

    private struct State {
        var connection: Connection?
        var lastFailure: RedisError?
    }

    let eventLoop: any EventLoop
    private let url: RedisURL
    private let scripts: [RedisScript]
    private let options: Options
    private let logger: Logger
    private let state = Mutex(State())

    init(
        url: RedisURL, scripts: [RedisScript], options: Options = Options(), eventLoop: any EventLoop, logger: Logger
    ) {
        self.url = url
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
        guard let connection = state.withLock({ $0.connection }) else { throw .notConnected }
        let rest = ["1", key] + arguments
        if let digest = connection.digests[script.name] {
            do {
                return try await send(["EVALSHA", digest] + rest, over: connection)
            } catch .server(let text) where text.hasPrefix("NOSCRIPT") {
                // SCRIPT FLUSH, or a failover behind a proxy. EVAL makes Redis remember it again.
            }
        }
        return try await send(["EVAL", script.body] + rest, over: connection)
    }

    /// Connects, and connects again, until it is cancelled.
    ///
    /// - Parameter connectionChanged: called after each gain and each loss of the connection, one call at a time.
    func run(connectionChanged: @Sendable () -> Void) async {
        var delays = RedisReconnectDelays()
        while !Task.isCancelled {
            do throws(RedisError) {
                let connection = try await connect()
                delays.reset()
                state.withLock { $0 = State(connection: connection) }
                logger.info("redis connected", metadata: ["address": "\(url.address)"])
                connectionChanged()
                await closed(connection)
                state.withLock { $0 = State(lastFailure: .disconnected) }
                if !Task.isCancelled {
                    logger.warning("redis connection lost", metadata: ["address": "\(url.address)"])
                }
                connectionChanged()
            } catch {
                let isNews = state.withLock { state in
                    defer { state.lastFailure = error }
                    return state.lastFailure != error
                }
                logger.log(
                    level: isNews ? .warning : .debug, "redis cannot be reached",
                    metadata: ["address": "\(url.address)", "error": "\(error)"])
            }
            do { try await Task.sleep(for: delays.next()) } catch { return }
        }
    }

    private func closed(_ connection: Connection) async {
        await withTaskCancellationHandler {
            // The future of a channel's closing cannot fail.
            try? await connection.channel.closeFuture.get()
        } onCancel: {
            connection.channel.close(promise: nil)
        }
    }

    private func send(_ arguments: [String], over connection: Connection) async throws(RedisError) -> RedisReply {
        let command = try RedisCommand.encode(arguments)
        let promise = eventLoop.makePromise(of: RedisReply.self)
        eventLoop.execute { connection.handler.value.send(command, promise) }
        let reply: RedisReply
        do {
            reply = try await promise.futureResult.get()
        } catch let error as RedisError {
            throw error
        } catch {
            throw .disconnected
        }
        if case .error(let text) = reply { throw .server(text) }
        return reply
    }
}

extension RedisClient {
    private func connect() async throws(RedisError) -> Connection {
        let timeout = TimeAmount(options.timeout)
        let maximumInFlight = options.maximumInFlight
        var connection: Connection
        do {
            connection = try await ClientBootstrap(group: eventLoop)
                .connectTimeout(timeout)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .connect(host: url.host, port: url.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = try RedisConnectionHandler(timeout: timeout, maximumInFlight: maximumInFlight)
                        try channel.pipeline.syncOperations.addHandler(handler)
                        return Connection(
                            channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
                    }
                }
        } catch {
            throw .unreachable(Self.reason(error))
        }
        do throws(RedisError) {
            if let password = url.password {
                _ = try await send(["AUTH"] + (url.username.map { [$0] } ?? []) + [password], over: connection)
            }
            if url.database != 0 { _ = try await send(["SELECT", String(url.database)], over: connection) }
            for script in scripts {
                let digest = try await send(["SCRIPT", "LOAD", script.body], over: connection)
                connection.digests[script.name] = try digest.text()
            }
        } catch {
            connection.channel.close(promise: nil)
            throw error
        }
        return connection
    }

    /// The system's words for why a connection failed, without the library's.
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
