import Domain
import Logging
public import Service
public import ServiceLifecycle
import Synchronization

/// The NATS side of the clustered adapters: the connection, the log and the bus.
public final class NATSCluster: ServiceLifecycle.Service {
    public struct Settings: Sendable {
        public let servers: [NATSServerURL]
        /// What the files of the settings add to the URLs.
        public let access: NATSAccess
        /// Shown in NATS's monitoring.
        public let name: String
        /// The greatest length of a message's content, in bytes of UTF-8. NATS must accept a message that long in its
        /// stored form.
        public let messageBytes: Int
        public let messagesPerRoom: Int
        public let maximumAge: Duration
        public let replicas: Int
        public let appendTimeout: Duration

        public init(
            servers: [NATSServerURL], access: NATSAccess, name: String, messageBytes: Int, messagesPerRoom: Int,
            maximumAge: Duration,
            replicas: Int, appendTimeout: Duration
        ) {
            self.servers = servers
            self.access = access
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

    /// The name of the limit in NATS's configuration.
    static let payloadLimit = "max_payload"

    public var log: any MessageLog { jetStreamLog }
    public var bus: any TopicBus { roomBus }

    /// The parts that ``connect(_:deadline:time:logger:)`` made.
    struct Parts {
        let connection: NATSConnection
        let requests: RequestTables
        /// Subscriptions that must be retained for as long as their messages are wanted.
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
    /// False from the moment when a stream was missing until all streams exist again.
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

    /// Watches deadlines and the connection until shutdown, then waits for pending appends and closes the connection.
    public func run() async throws {
        await withTaskGroup { group in
            group.addTask { await self.requests.watchDeadlines() }
            group.addTask { await self.watchCluster() }
            group.addTask { await self.watchRemovals() }
            group.addTask { await self.watchPayload() }
            group.addTask { await self.jetStreamLog.watchStorage() }
            try? await gracefulShutdown()  // throws only if cancelled, which also means shutdown
            while requests.appends.count > 0, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(20)) }
            group.cancelAll()
        }
        await onBlockingThread { [connection] in connection.close() }
    }

    private func watchCluster() async {
        // Why each unusable stream is unusable.
        var unusable: [Topic.Kind: String] = [:]
        for await _ in board.signals {
            let tasks = board.take()
            if tasks.isClosed { return }
            if tasks.isLost { logger.warning("NATS is away; messages are refused until it is back") }
            if tasks.isBack { logger.notice("NATS is back") }
            // A NATS server that lost its store comes back without the streams, or with older ones.
            let suspects = tasks.isBack ? Set(Topic.Kind.allCases) : tasks.unverified.union(tasks.elected)
            let failed = await verify(suspects, &unusable)
            if !suspects.isEmpty, let maximum = connection.maximumPayload {
                sizes.look(at: maximum, named: Self.payloadLimit)
            }
            hasStreams.store(unusable.isEmpty, ordering: .relaxed)
            if tasks.isBack || !tasks.elected.subtracting(failed).isEmpty { await roomBus.tellBlocking(.interrupted) }
            // Limits the rate of checks, however many appends failed meanwhile.
            try? await Task.sleep(for: .milliseconds(failed.isEmpty ? 50 : 500))
            guard !failed.isEmpty, connection.isConnected else { continue }
            board.note { pending in
                pending.unverified.formUnion(failed)
                pending.elected.formUnion(tasks.elected.intersection(failed))
            }
        }
    }

    /// Reports every second what the streams have dropped, because this instance must not show it from memory any
    /// longer.
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

    /// Checks whether a NATS server whose `max_payload` was too small has a larger one now. NATS does not announce a
    /// larger limit, and nats.c goes on refusing what is above the limit of the time when it connected.
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

    /// Logs one line when a stream becomes unusable, and one when it is usable again, not one per check.
    ///
    /// - Parameter unusable: the streams known to be unusable, updated by this call.
    /// - Returns: the members of `kinds` whose stream is unusable now.
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
