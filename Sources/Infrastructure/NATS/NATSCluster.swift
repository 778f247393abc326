import Domain
import Foundation
public import Logging
public import Service
public import ServiceLifecycle
import Synchronization

/// The clustered half that runs on NATS: the connection, and the log and the bus on it.
public final class NATSCluster: ServiceLifecycle.Service {
    public struct Settings: Sendable {
        public let servers: [String]
        /// Shown in NATS's monitoring.
        public let name: String
        public let messagesPerRoom: Int
        public let maximumAge: Duration
        public let replicas: Int
        public let appendTimeout: Duration

        public init(
            servers: [String], name: String, messagesPerRoom: Int, maximumAge: Duration, replicas: Int,
            appendTimeout: Duration
        ) {
            self.servers = servers
            self.name = name
            self.messagesPerRoom = messagesPerRoom
            self.maximumAge = maximumAge
            self.replicas = replicas
            self.appendTimeout = appendTimeout
        }

        /// Host and port of each server, without the user and password that a URL may hold.
        var addresses: String {
            servers.map { url in
                let rest = url.split(separator: "/").last ?? ""
                return String(rest.split(separator: "@").last ?? rest)
            }.joined(separator: ", ")
        }
    }

    public var log: any MessageLog { jetStreamLog }
    public var bus: any RoomBus { roomBus }

    private let connection: NATSConnection
    /// What ``run()`` has to look after.
    private enum Incident {
        case connection(NATSConnection.Event)
        /// Nobody took an append.
        case noStream
    }

    private let incidents: AsyncStream<Incident>
    private let relay: AsyncStream<Incident>.Continuation
    /// False from the moment when the stream was missed until it is there again.
    private let hasStream = Atomic<Bool>(true)
    private let requests: NATSRequests
    private let answers: NATSSubscription
    private let jetStreamLog: JetStreamLog
    private let roomBus: NATSRoomBus
    private let setup: StreamSetup
    private let epoch: Epoch
    private let logger: Logger

    /// Connects and sees to the stream, trying again until `deadline`.
    ///
    /// - Throws: ``StartupError`` with one line that says what to do.
    public static func connect(
        _ settings: Settings, deadline: ContinuousClock.Instant, time: TimeSource, logger: Logger
    ) async throws -> NATSCluster {
        let requests = NATSRequests()
        let loss = LossSignal()
        let (incidents, relay) = AsyncStream.makeStream(of: Incident.self, bufferingPolicy: .bufferingNewest(64))
        let connection = try await retrying(until: deadline, settings, logger) {
            try NATSConnection(servers: settings.servers, name: settings.name) { event in
                if case .disconnected = event {
                    requests.failAll()
                    loss.raise()
                }
                relay.yield(.connection(event))
            }
        }
        let setup = StreamSetup(
            connection: connection,
            settings: StreamSettings(
                messagesPerRoom: Int64(settings.messagesPerRoom), maximumAge: settings.maximumAge,
                replicas: Int64(settings.replicas)))
        do {
            let created = try await retrying(until: deadline, settings, logger) { try setup.ensure() }
            let decoder = EntryDecoder(epoch: Epoch(created: created), time: time)
            let bus = NATSRoomBus(connection: connection, decoder: decoder, logger: logger)
            loss.handle { bus.tell(.lost) }
            return NATSCluster(
                connection: connection, incidents: incidents, relay: relay, requests: requests,
                answers: try requests.attach(to: connection),
                log: JetStreamLog(
                    connection: connection, requests: requests,
                    reader: JetStreamReader(connection: connection, decoder: decoder), timeout: settings.appendTimeout,
                    onNoStream: { relay.yield(.noStream) }),
                bus: bus,
                setup: setup, epoch: decoder.epoch, logger: logger)
        } catch {
            await onBlockingThread { connection.close() }
            throw error
        }
    }

    private init(
        connection: NATSConnection, incidents: AsyncStream<Incident>,
        relay: AsyncStream<Incident>.Continuation, requests: NATSRequests,
        answers: NATSSubscription, log: JetStreamLog, bus: NATSRoomBus, setup: StreamSetup, epoch: Epoch,
        logger: Logger
    ) {
        self.connection = connection
        self.incidents = incidents
        self.relay = relay
        self.requests = requests
        self.answers = answers
        self.jetStreamLog = log
        self.roomBus = bus
        self.setup = setup
        self.epoch = epoch
        self.logger = logger
    }

    /// Whether NATS is connected and has the stream, for readiness.
    public var isReachable: Bool { connection.isConnected && hasStream.load(ordering: .relaxed) }

    /// Appends that wait for their acknowledgement.
    public var pendingAppends: Int { requests.count }

    /// Watches deadlines and the connection until shutdown, then waits for what is pending and closes.
    public func run() async throws {
        await withTaskGroup { group in
            group.addTask { await self.watchDeadlines() }
            group.addTask { await self.watchConnection() }
            try? await gracefulShutdown()  // throws only when cancelled, which asks for the same
            while requests.count > 0, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(20)) }
            group.cancelAll()
        }
        await onBlockingThread { [connection] in connection.close() }
    }

    private func watchDeadlines() async {
        while !Task.isCancelled {
            requests.expire()
            if !hasStream.load(ordering: .relaxed), connection.isConnected { relay.yield(.noStream) }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    private func watchConnection() async {
        var lastSetup = ContinuousClock.now
        for await incident in incidents {
            switch incident {
            case .connection(.disconnected):
                logger.warning("NATS is away; messages are refused until it is back")
            case .connection(.reconnected):
                logger.notice("NATS is back")
                await onBlockingThread { [roomBus] in roomBus.catchUp() }
                // A NATS that lost its store comes back without the stream.
                if await !ensureStream() { roomBus.tell(.interrupted) }
                lastSetup = .now
            case .noStream where ContinuousClock.now - lastSetup > .seconds(1):
                // Somebody has deleted it, or its servers are electing a leader.
                _ = await ensureStream()
                lastSetup = .now
            case .noStream:
                break  // one of many, and the latest attempt is younger than a second
            case .connection(.problem(let error)):
                logger.warning("NATS reports a problem", metadata: ["error": "\(error)"])
            case .connection(.closed):
                return
            }
        }
    }

    /// - Returns: whether the stream is another one than before; everyone is told then.
    private func ensureStream() async -> Bool {
        do {
            let isRenewed = epoch.update(created: try await onBlockingThread { [setup] in try setup.ensure() })
            hasStream.store(true, ordering: .relaxed)
            guard isRenewed else { return false }
            logger.warning("the stream is another one than before: what it held is gone")
            roomBus.tell(.renewed)
            return true
        } catch {
            hasStream.store(false, ordering: .relaxed)  // tried again each second
            logger.error("the stream is not usable; trying again", metadata: ["error": "\(error)"])
            return false
        }
    }
}

/// Why the server cannot start: one line that a person can act on.
public struct StartupError: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Tells at once, on nats.c's thread, that the connection is lost: what comes in after it is back must not be taken for
/// what was seen before. The connection is older than whoever wants to know.
private final class LossSignal: Sendable {
    private let handler = Mutex<(@Sendable () -> Void)?>(nil)

    func handle(_ body: @escaping @Sendable () -> Void) { handler.withLock { $0 = body } }

    func raise() { handler.withLock { $0 }?() }
}

extension NATSCluster {
    /// Repeats a blocking call until it succeeds, fails for good, or the deadline has passed.
    private static func retrying<Value: Sendable>(
        until deadline: ContinuousClock.Instant, _ settings: Settings, _ logger: Logger,
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        while true {
            do {
                return try await onBlockingThread(body)
            } catch {
                let isPermanent = (error as? StreamSetupError)?.isPermanent ?? false
                if isPermanent || ContinuousClock.now >= deadline {
                    throw StartupError("NATS at \(settings.addresses): \(error)")
                }
                logger.warning("waiting for NATS", metadata: ["at": "\(settings.addresses)", "error": "\(error)"])
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }
}

/// Runs a call that blocks on a thread that may be blocked, which those of Swift's own pool may not.
func onBlockingThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
}

func onBlockingThread(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
            body()
            continuation.resume()
        }
    }
}
