import CoreMetrics
import Logging
import NIOCore
import Synchronization

/// All accepted sockets of this server, of all event loops.
///
/// Called once per accepted socket and twice per HTTP request, never for WebSocket messages.
final class OpenSockets: Sendable {
    private typealias Table = SocketTable<ObjectIdentifier>

    private struct State {
        var table: Table
        var channels: [ObjectIdentifier: any Channel] = [:]
        var onRoom: (@Sendable () -> Void)?
        var shortages = LinePace(OpenSockets.lineInterval)
        var failures = LinePace(OpenSockets.lineInterval)
    }

    private static let lineInterval = TimeAmount.seconds(10)

    private let state: Mutex<State>
    private let metrics: EdgeMetrics
    private let logger: Logger

    init(limit: Int, metrics: EdgeMetrics, logger: Logger) {
        state = Mutex(State(table: SocketTable(limit: limit)))
        self.metrics = metrics
        self.logger = logger
    }

    var count: Int { state.withLock { $0.table.count } }

    /// Notes an accepted socket. Calling this twice for one socket is allowed.
    func opened(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let isNew = state.withLock { state in
            guard state.table.opened(id, at: .now()) else { return false }
            state.channels[id] = channel
            return true
        }
        if isNew { channel.closeFuture.whenComplete { [self] _ in closed(id) } }
    }

    /// Notes that a request is complete and will be answered.
    func isAnswering(_ channel: any Channel) { became(.answering, channel) }

    /// Notes that every request was answered.
    func isWaiting(_ channel: any Channel) { became(.waiting, channel) }

    func isUpgraded(_ channel: any Channel) { became(.upgraded, channel) }

    private func became(_ use: Table.Use, _ channel: any Channel) {
        _ = state.withLock { $0.table.became(use, ObjectIdentifier(channel), at: .now()) }
    }

    private func closed(_ id: ObjectIdentifier) {
        let onRoom = state.withLock { state in
            state.table.closed(id)
            state.channels[id] = nil
            return state.onRoom.take()
        }
        onRoom?()
    }

    /// Whether one more socket may be accepted. If it needs room for that, it closes sockets that wait without a
    /// request.
    ///
    /// - Parameters:
    ///   - isRefused: whether the system refused another socket, whatever our limit says.
    ///   - onRoom: called once, on any thread, when a socket has closed; not called if the answer is `.free`.
    func room(
        isRefused: Bool, onRoom: @escaping @Sendable () -> Void
    ) -> SocketTable<ObjectIdentifier>.Room {
        let (room, leaving, line) = state.withLock { state in
            let now = NIODeadline.now()
            let room = state.table.room(at: now, isRefused: isRefused)
            guard case .after(let ids) = room else {
                state.onRoom = room == .free ? nil : onRoom
                return (room, [] as [any Channel], nil as Int?)
            }
            state.onRoom = onRoom
            return (room, ids.compactMap { state.channels[$0] }, state.shortages.happened(ids.count, at: now))
        }
        metrics.socketsEvicted.increment(by: leaving.count)
        for channel in leaving { SocketWatch.close(channel) }
        if let line {
            logger.warning(
                "too many sockets to accept more; those that ask for nothing are closed",
                metadata: ["closed": "\(line)"])
        }
        return room
    }

    /// Counts a request that was not complete in time.
    func timedOut() { metrics.handshakesTimedOut.increment() }

    /// Counts a socket that the system refused.
    func acceptFailed(_ error: any Error) {
        metrics.acceptFailures.increment()
        if let line = state.withLock({ $0.failures.happened(at: .now()) }) {
            logger.error(
                "connections cannot be accepted; tried again", metadata: ["error": "\(error)", "times": "\(line)"])
        }
    }
}
