import CNATS
import Foundation
import Synchronization

/// The connection to NATS: a succession of links, each of them one connection of nats.c, and the subscriptions on them.
///
/// nats.c could reconnect by itself. But with our own event loop its parser would continue in the middle of the message
/// at which the old link broke: it would swallow the beginning of the new link, or fail on it for ever
/// (docs/decisions/0004-nats-c.md).
final class NATSConnection: Sendable {
    enum Event: Sendable {
        case disconnected
        case reconnected
        /// Closed for good. The last event.
        case closed
        /// A problem that nats.c reported on one of its threads, such as a subscription that cannot keep up.
        case problem(any Error)
    }

    private struct State {
        var link: NATSLink?
        var subscriptions: [ObjectIdentifier: WeakSubscription] = [:]
        var isClosing = false
    }

    private struct WeakSubscription {
        weak var subscription: NATSSubscription?
    }

    /// The pause before a reconnect, in seconds, random because all instances lose a dying server at the same moment.
    private static let pauses = 0.2...0.4

    /// Received messages. Separate from published ones, so that the delivery thread never waits for a publisher.
    let retired = RetiredMessages()
    private let published = RetiredMessages()
    private let servers: [NATSServerURL]
    private let access: NATSAccess
    private let name: String
    private let onEvent: @Sendable (Event) -> Void
    private let state: Mutex<State>
    /// False from the loss of a link until all subscriptions are on the next link.
    private let isReady = Atomic<Bool>(true)
    private let closing = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// Connects. Blocks the calling thread for up to a second per server.
    ///
    /// - Parameters:
    ///   - servers: at least one; any of them may accept the connection.
    ///   - onEvent: called on threads of nats.c or of the connection, never on the caller's thread.
    init(
        servers: [NATSServerURL], access: NATSAccess, name: String, onEvent: @escaping @Sendable (Event) -> Void
    ) throws(NATSConnectError) {
        self.servers = servers
        self.access = access
        self.name = name
        self.onEvent = onEvent
        let link = try Self.link(to: servers, access.secrets, name: name, onEvent)
        state = Mutex(State(link: link))
        let thread = Thread { [self] in keepConnected(link) }
        thread.name = "nats-link"
        thread.start()
    }

    // MARK: The links

    /// Tries the servers one by one in random order, so that the clients of a server that died spread over the others.
    /// nats.c gets one server at a time, so that each server gets its own credentials, and the error has the words of
    /// each.
    private static func link(
        to servers: [NATSServerURL], _ secrets: NATSSecrets, name: String,
        _ onEvent: @escaping @Sendable (Event) -> Void
    ) throws(NATSConnectError) -> NATSLink {
        var failures: [Int: NATSConnectError.Failure] = [:]
        for (index, server) in servers.enumerated().shuffled() {
            do throws(NATSError) {
                return try NATSLink(server: server, secrets: secrets, name: name) { onEvent(.problem($0)) }
            } catch {
                failures[index] = NATSConnectError.Failure(server: server, error: error)
            }
        }
        throw NATSConnectError(servers.indices.compactMap { failures[$0] })
    }

    private func keepConnected(_ first: NATSLink) {
        var link = first
        while true {
            link.waitForEnd()
            isReady.store(false, ordering: .releasing)
            let isClosing = state.withLock { state in
                state.link = nil
                return state.isClosing
            }
            if isClosing { break }
            onEvent(.disconnected)
            guard let next = connectAgain() else { break }
            link = next
            onEvent(.reconnected)
        }
        onEvent(.closed)
        ended.signal()
    }

    /// - Returns: nil if the connection is being closed.
    private func connectAgain() -> NATSLink? {
        var lastWords: String?
        while closing.wait(timeout: .now() + .random(in: Self.pauses)) == .timedOut {
            do {
                let link = try Self.link(to: servers, access.secrets, name: name, onEvent)
                guard let subscriptions = begin(link) else { return nil }
                for subscription in subscriptions { try subscription.attach(to: link) }
                isReady.store(true, ordering: .releasing)
                return link
            } catch {
                state.withLock { $0.link = nil }
                let words = "\(error)"
                if words != lastWords { onEvent(.problem(error)) }
                lastWords = words
            }
        }
        return nil
    }

    /// Makes `link` the current one: new subscriptions are made on it.
    ///
    /// - Returns: the subscriptions that existed before; nil if the connection is being closed.
    private func begin(_ link: NATSLink) -> [NATSSubscription]? {
        state.withLock { state in
            guard !state.isClosing else { return nil }
            state.link = link
            return state.subscriptions.values.compactMap(\.subscription)
        }
    }

    /// Whether there is a link with all subscriptions on it. Never blocks, even if the server hangs.
    var isConnected: Bool { isReady.load(ordering: .acquiring) && link?.isUp == true }

    private var link: NATSLink? { state.withLock { $0.link } }

    /// See ``NATSLink/maximumPayload``; nil while there is no link.
    var maximumPayload: Int64? { link?.maximumPayload }

    /// See ``NATSLink/prohibition``; nil while there is no link.
    var prohibition: String? { link?.prohibition }

    /// The server of the current link; nil while there is none.
    var server: NATSServerURL? { link?.server }

    /// Closes the current link, so that a new one learns the server's current limits. Blocks for up to five seconds.
    func renew() { link?.close() }

    /// Sends what is pending, closes, and waits until no callback can run any more. Blocks for up to six seconds.
    func close() {
        let link = state.withLock { state in
            state.isClosing = true
            return state.link
        }
        closing.signal()
        link?.close()
        _ = ended.wait(timeout: .now() + 3)
    }

    // MARK: Messages

    /// Registers the subscription, which is then kept on all future links for as long as it exists.
    ///
    /// - Returns: the current link; nil while there is none.
    func add(_ subscription: NATSSubscription) -> NATSLink? {
        state.withLock { state in
            state.subscriptions[ObjectIdentifier(subscription)] = WeakSubscription(subscription: subscription)
            return state.link
        }
    }

    func remove(_ subscription: ObjectIdentifier) { state.withLock { $0.subscriptions[subscription] = nil } }

    /// Sends one message. Does not wait for the network.
    ///
    /// - Throws: at once if there is no connection, because nothing is kept for later; and if too much that was sent
    ///   before still waits in memory for the server.
    func publish(
        _ payload: [UInt8], to subject: String, reply: String? = nil, header: (name: String, value: String)? = nil
    ) throws(NATSError) {
        guard isReady.load(ordering: .acquiring), let link, link.isUp else {
            throw NATSError(NATS_CONNECTION_DISCONNECTED)
        }
        var created: OpaquePointer?
        let status = payload.withUnsafeBytes { bytes in
            natsMsg_Create(
                &created, subject, reply, bytes.bindMemory(to: CChar.self).baseAddress, Int32(payload.count))
        }
        guard status == NATS_OK, let message = created else { throw NATSError(status) }
        defer { published.add(message) }
        if let header { try check(natsMsgHeader_Set(message, header.name, header.value)) }
        try link.publish(message)
    }
}
