import Domain
import Logging
public import Service
public import ServiceLifecycle
import Synchronization

/// The clustered half that runs on NATS: the connection, and the log and the bus on it.
public final class NATSCluster: ServiceLifecycle.Service {
    public struct Settings: Sendable {
        public let servers: [NATSServerURL]
        /// Shown in NATS's monitoring.
        public let name: String
        /// Greatest length of a message's content, in bytes of UTF-8: NATS must take what it is stored as.
        public let messageBytes: Int
        public let messagesPerRoom: Int
        public let maximumAge: Duration
        public let replicas: Int
        public let appendTimeout: Duration

        public init(
            servers: [NATSServerURL], name: String, messageBytes: Int, messagesPerRoom: Int, maximumAge: Duration,
            replicas: Int, appendTimeout: Duration
        ) {
            self.servers = servers
            self.name = name
            self.messageBytes = messageBytes
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
        var addresses: String { servers.map(\.address).joined(separator: ", ") }
    }

    /// Of NATS's configuration.
    static let payloadLimit = "max_payload"

    public var log: any MessageLog { jetStreamLog }
    public var bus: any TopicBus { roomBus }

    /// What it is made of. ``connect(_:deadline:time:logger:)`` makes it.
    struct Parts {
        let connection: NATSConnection
        let requests: RequestTables
        /// What must be kept as long as it is to be heard.
        let subscriptions: (answers: [NATSSubscription], advisories: StreamAdvisories)
        let log: JetStreamLog
        let bus: NATSBus
        let watches: PerKind<StreamWatch>
        let sizes: SizeWatch
        let board: ClusterTaskBoard
    }

    private let connection: NATSConnection
    private let requests: RequestTables
    private let subscriptions: (answers: [NATSSubscription], advisories: StreamAdvisories)
    private let jetStreamLog: JetStreamLog
    private let roomBus: NATSBus
    private let watches: PerKind<StreamWatch>
    private let sizes: SizeWatch
    private let board: ClusterTaskBoard
    /// False from the moment when a stream was missed until all are there again.
    private let hasStreams = Atomic<Bool>(true)
    private let logger: Logger

    init(_ parts: Parts, logger: Logger) {
        connection = parts.connection
        requests = parts.requests
        subscriptions = parts.subscriptions
        jetStreamLog = parts.log
        roomBus = parts.bus
        watches = parts.watches
        sizes = parts.sizes
        board = parts.board
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
            group.addTask { await self.watchPayload() }
            group.addTask { await self.jetStreamLog.watchStorage() }
            try? await gracefulShutdown()  // throws only when cancelled, which asks for the same
            while requests.appends.count > 0, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(20)) }
            group.cancelAll()
        }
        await onBlockingThread { [connection] in connection.close() }
    }

    private func watchCluster() async {
        // Why each one is not usable.
        var unusable: [Topic.Kind: String] = [:]
        for await _ in board.signals {
            let tasks = board.take()
            if tasks.isClosed { return }
            if tasks.isLost { logger.warning("NATS is away; messages are refused until it is back") }
            if tasks.isBack { logger.notice("NATS is back") }
            // A NATS that lost its store comes back without the streams, or with older ones.
            let suspects = tasks.isBack ? Set(Topic.Kind.allCases) : tasks.unverified.union(tasks.elected)
            let failed = await verify(suspects, &unusable)
            if !suspects.isEmpty, let maximum = connection.maximumPayload {
                sizes.look(at: maximum, named: Self.payloadLimit)
            }
            hasStreams.store(unusable.isEmpty, ordering: .relaxed)
            if tasks.isBack || !tasks.elected.subtracting(failed).isEmpty { await roomBus.tellBlocking(.interrupted) }
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
                    await roomBus.tellBlocking(.dropped(dropped, of: .all(kind)))
                }
            }
        }
    }

    /// Looks whether a NATS that takes too little takes more by now. It tells its clients nothing when it is told to, and
    /// nats.c goes on to refuse what is larger than what the server took when they connected.
    private func watchPayload() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(5))
            guard sizes.isTooSmall(Self.payloadLimit), let known = connection.maximumPayload,
                let server = connection.server, case .nats(let info) = await NATSGreeting.of(server),
                let maximum = info.maximumPayload, maximum > known, !Task.isCancelled
            else { continue }
            logger.notice("NATS takes larger messages by now; connecting anew", metadata: ["max_payload": "\(maximum)"])
            await onBlockingThread { [connection] in connection.renew() }
        }
    }

    /// Tells in one line each that a stream is not usable, and that it is again; not each look at it.
    ///
    /// - Parameter unusable: what is known, by kind, brought up to date.
    /// - Returns: those of `kinds` whose stream is not usable now.
    private func verify(_ kinds: Set<Topic.Kind>, _ unusable: inout [Topic.Kind: String]) async -> Set<Topic.Kind> {
        var failed: Set<Topic.Kind> = []
        for kind in kinds {
            do {
                _ = try await watches[kind].verify()
                guard unusable.removeValue(forKey: kind) != nil else { continue }
                logger.notice("a stream is usable again", metadata: ["stream": "\(kind.stream)"])
            } catch {
                failed.insert(kind)
                let words = "\(error)"
                guard unusable.updateValue(words, forKey: kind) != words else { continue }
                logger.error(
                    "a stream is not usable; trying again", metadata: ["stream": "\(kind.stream)", "error": "\(words)"])
            }
        }
        return failed
    }
}
