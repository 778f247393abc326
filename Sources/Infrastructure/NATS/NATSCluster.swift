import Domain
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

        var streams: StreamSettings {
            StreamSettings(
                messagesPerTopic: Int64(messagesPerRoom), maximumAge: maximumAge, replicas: Int64(replicas))
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
    private let requests: RequestTables
    /// What must be kept as long as it is to be heard.
    private let subscriptions: (answers: [NATSSubscription], advisories: StreamAdvisories)
    private let jetStreamLog: JetStreamLog
    private let roomBus: NATSRoomBus
    private let watches: PerKind<StreamWatch>
    private let board: ClusterTaskBoard
    /// False from the moment when a stream was missed until all are there again.
    private let hasStreams = Atomic<Bool>(true)
    private let logger: Logger

    /// Connects and sees to the streams, trying again until `deadline`.
    ///
    /// - Throws: ``StartupError`` with one line that says what to do.
    public static func connect(
        _ settings: Settings, deadline: ContinuousClock.Instant, time: TimeSource, logger: Logger
    ) async throws -> NATSCluster {
        let requests = RequestTables()
        let loss = LossSignal()
        let board = ClusterTaskBoard()
        let connection = try await retrying(until: deadline, settings, logger) {
            try await onBlockingThread {
                try NATSConnection(servers: settings.servers, name: settings.name) { event in
                    switch event {
                    case .disconnected:
                        loss.raise()
                        requests.failAll()
                        board.note { $0.isLost = true }
                    case .reconnected: board.note { $0.isBack = true }
                    case .closed:
                        requests.failAll()
                        board.note { $0.isClosed = true }
                    case .problem(let error):
                        logger.warning("NATS reports a problem", metadata: ["error": "\(error)"])
                    }
                }
            }
        }
        do {
            let answers = try requests.attach(to: connection)
            let api = JetStreamAPI(connection: connection, requests: requests.questions)
            let setup = StreamSetup(api: api, settings: settings.streams)
            let incarnations = try await withDeadlines(of: requests) {
                let rooms = try await retrying(until: deadline, settings, logger) { try await setup.ensure(.rooms) }
                let inboxes = try await retrying(until: deadline, settings, logger) { try await setup.ensure(.inboxes) }
                return PerKind { LogIncarnation($0 == .rooms ? rooms : inboxes) }
            }
            let bus = NATSRoomBus(
                connection: connection,
                decoders: PerKind { EntryDecoder(incarnation: incarnations[$0], time: time) }, logger: logger)
            loss.handle { bus.tell(.lost) }
            let watches = PerKind { kind in
                StreamWatch(kind, incarnation: incarnations[kind], setup: setup) { after in
                    logger.warning(
                        "a stream is another one than before: what it held is gone, or some of it",
                        metadata: ["stream": "\(kind.stream)"])
                    bus.tell(.renewed(kind, after: after))
                }
            }
            return NATSCluster(
                connection: connection, requests: requests,
                subscriptions: (
                    answers, try StreamAdvisories(on: connection, board: board, logger: logger)
                ),
                log: JetStreamLog(
                    api: api, appends: requests.appends, watches: watches, time: time,
                    appendTimeout: settings.appendTimeout,
                    onMissing: { kind in board.note { $0.unverified.insert(kind) } }),
                bus: bus, watches: watches, board: board, logger: logger)
        } catch {
            await onBlockingThread { connection.close() }
            throw error
        }
    }

    private init(
        connection: NATSConnection, requests: RequestTables,
        subscriptions: (answers: [NATSSubscription], advisories: StreamAdvisories), log: JetStreamLog, bus: NATSRoomBus,
        watches: PerKind<StreamWatch>, board: ClusterTaskBoard, logger: Logger
    ) {
        self.connection = connection
        self.requests = requests
        self.subscriptions = subscriptions
        self.jetStreamLog = log
        self.roomBus = bus
        self.watches = watches
        self.board = board
        self.logger = logger
    }

    /// Whether NATS is connected and has the streams, for readiness.
    public var isReachable: Bool { connection.isConnected && hasStreams.load(ordering: .relaxed) }

    /// Appends that wait for their acknowledgement.
    public var pendingAppends: Int { requests.appends.count }

    /// Watches deadlines and the connection until shutdown, then waits for what is pending and closes.
    public func run() async throws {
        await withTaskGroup { group in
            group.addTask { await self.requests.watchDeadlines() }
            group.addTask { await self.watchCluster() }
            group.addTask { await self.watchRemovals() }
            try? await gracefulShutdown()  // throws only when cancelled, which asks for the same
            while requests.appends.count > 0, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(20)) }
            group.cancelAll()
        }
        await onBlockingThread { [connection] in connection.close() }
    }

    private func watchCluster() async {
        var unusable: Set<Topic.Kind> = []
        for await _ in board.signals {
            let tasks = board.take()
            if tasks.isClosed { return }
            if tasks.isLost { logger.warning("NATS is away; messages are refused until it is back") }
            if tasks.isBack { logger.notice("NATS is back") }
            // A NATS that lost its store comes back without the streams, or with older ones.
            let suspects = tasks.isBack ? Set(Topic.Kind.allCases) : tasks.unverified.union(tasks.elected)
            let failed = await verify(suspects)
            unusable = unusable.subtracting(suspects).union(failed)
            hasStreams.store(unusable.isEmpty, ordering: .relaxed)
            if tasks.isBack || !tasks.elected.subtracting(failed).isEmpty { roomBus.tell(.interrupted) }
            // Not at once again, however many appends found nobody.
            try? await Task.sleep(for: .milliseconds(failed.isEmpty ? 50 : 500))
            guard !failed.isEmpty, connection.isConnected else { continue }
            board.note { pending in
                pending.unverified.formUnion(failed)
                pending.elected.formUnion(tasks.elected.intersection(failed))
            }
        }
    }

    /// Tells what the streams have let go of, every second: what is in memory is not to be shown for longer.
    private func watchRemovals() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            for kind in Topic.Kind.allCases where connection.isConnected {
                if let dropped = await watches[kind].lookForRemovals() {
                    roomBus.tell(.dropped(dropped, of: .all(kind)))
                }
            }
        }
    }

    /// - Returns: the kinds whose stream is not usable now.
    private func verify(_ kinds: Set<Topic.Kind>) async -> Set<Topic.Kind> {
        var failed: Set<Topic.Kind> = []
        for kind in kinds {
            do {
                _ = try await watches[kind].verify()
            } catch {
                failed.insert(kind)
                logger.error(
                    "a stream is not usable; trying again",
                    metadata: ["stream": "\(kind.stream)", "error": "\(error)"])
            }
        }
        return failed
    }
}

/// Tells at once, on nats.c's thread, that the connection is lost: what comes in after it is back must not be taken for
/// what was seen before. The connection is older than whoever wants to know.
private final class LossSignal: Sendable {
    private let handler = Mutex<(@Sendable () -> Void)?>(nil)

    func handle(_ body: @escaping @Sendable () -> Void) { handler.withLock { $0 = body } }

    func raise() { handler.withLock { $0 }?() }
}

extension NATSCluster {
    /// Repeats a call until it succeeds, fails for good, or the deadline has passed.
    private static func retrying<Value: Sendable>(
        until deadline: ContinuousClock.Instant, _ settings: Settings, _ logger: Logger,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        while true {
            do {
                return try await body()
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

    /// Before ``run()`` watches them, the deadlines of requests need somebody.
    private static func withDeadlines<Value: Sendable>(
        of requests: RequestTables, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup { group in
            group.addTask { try await body() }
            group.addTask {
                await requests.watchDeadlines()
                throw CancellationError()
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
