import Domain
public import Logging
public import Service
import Synchronization

extension NATSCluster {
    /// Connects and sets up the streams. Tries again until `deadline` if waiting can help.
    ///
    /// - Throws: ``StartupError`` with one line that says what to do.
    public static func connect(
        _ settings: Settings, deadline: ContinuousClock.Instant, time: TimeSource, logger: Logger
    ) async throws -> NATSCluster {
        let start = NATSStart(settings: settings, deadline: deadline, logger: logger)
        let largest = try LargestMessage(contentBytes: settings.messageBytes)
        let requests = RequestTables()
        let loss = LossSignal()
        let board = ClusterTaskBoard()
        let connection = try await start.connect { event in
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
        do {
            if let complaint = largest.complaint(about: connection.maximumPayload, named: payloadLimit) {
                throw start.refusal(complaint)
            }
            let answers = try requests.attach(to: connection)
            let api = JetStreamAPI(connection: connection, requests: requests.questions)
            let setup = StreamSetup(api: api, settings: settings.streams, largest: largest)
            let incarnations = try await withDeadlines(of: requests) {
                let rooms = try await start.ensure(.rooms, setup)
                let inboxes = try await start.ensure(.inboxes, setup)
                try await start.checkRights(api)
                return PerKind { LogIncarnation($0 == .rooms ? rooms : inboxes) }
            }
            let bus = NATSBus(
                connection: connection,
                decoders: PerKind { EntryDecoder(incarnation: incarnations[$0], time: time) }, logger: logger)
            loss.handle { bus.tell(.lost) }
            let sizes = SizeWatch(largest, logger: logger)
            let watches = PerKind { kind in
                StreamWatch(
                    kind, incarnation: incarnations[kind], setup: setup,
                    onReport: { report in
                        sizes.look(at: report.maximumMessageSize, named: "max_msg_size of stream \(kind.stream)")
                    },
                    onRenewed: { after in
                        logger.warning(
                            "a stream is another one than before: what it held is gone, or some of it",
                            metadata: ["stream": "\(kind.stream)"])
                        await bus.tellBlocking(.renewed(kind, after: after))
                    })
            }
            let log = JetStreamLog(
                api: api, appends: requests.appends, watches: watches,
                storage: PerKind { StreamStorage($0, time: time, logger: logger) }, time: time,
                appendTimeout: settings.appendTimeout,
                onDoubt: { kind in board.note { $0.unverified.insert(kind) } })
            return NATSCluster(
                Parts(
                    connection: connection, requests: requests,
                    subscriptions: (answers, try StreamAdvisories(on: connection, board: board, logger: logger)),
                    log: log, bus: bus, watches: watches, sizes: sizes, board: board),
                logger: logger)
        } catch {
            await onBlockingThread { connection.close() }
            throw error
        }
    }

    /// Watches the deadlines of requests during the start, before ``run()`` does.
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

/// Reports on nats.c's thread, without delay, that the connection was lost, so that nothing that comes after a
/// reconnect is taken for part of the old stream of messages. The connection is made before its observer exists.
private final class LossSignal: Sendable {
    private let handler = Mutex<(@Sendable () -> Void)?>(nil)

    func handle(_ body: @escaping @Sendable () -> Void) { handler.withLock { $0 = body } }

    func raise() { handler.withLock { $0 }?() }
}
