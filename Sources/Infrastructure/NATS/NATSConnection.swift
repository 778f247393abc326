import CNATS
import Foundation
import Synchronization

/// One connection to NATS through nats.c, which reconnects by itself for ever.
///
/// All subscriptions of the process are served by one delivery thread of nats.c, so that handlers run one at a time and
/// in the order in which messages came in.
final class NATSConnection: Sendable {
    enum Event: Sendable {
        case disconnected
        case reconnected
        /// For good. The last event.
        case closed
        /// Something nats.c noticed on a thread of its own, such as a subscription that cannot keep up.
        case problem(NATSError)
    }

    /// nats.c locks its handles itself: they may be used from any thread until they are destroyed, which only ``close()``
    /// does, after the last callback.
    struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// Whether there is a connection, as the callbacks and the poller tell. nats.c itself is not asked: while it reconnects
    /// to a server that accepts and says nothing, it holds its lock, and whoever asks would wait with it.
    private final class Link: Sendable {
        let isUp = Atomic<Bool>(true)
    }

    /// In bytes. A server that stands still is given up after 10–15 s.
    private static let maximumBuffered: Int32 = 64 << 20

    let handle: Handle
    let retired = RetiredMessages()
    private let link: Link
    private let poller: NATSPoller
    private let closed: DispatchSemaphore

    /// Connects. Blocks the calling thread for up to a second per server.
    ///
    /// - Parameters:
    ///   - servers: URLs such as `nats://host:4222`; with several, any that answers.
    ///   - onEvent: called on threads of nats.c, never on the caller's.
    init(servers: [String], name: String, onEvent: @escaping @Sendable (Event) -> Void) throws(NATSError) {
        // Before anything else of nats.c. Its locks are held for moments; spinning for them took a tenth of the server's time.
        nats_Open(0)
        var created: OpaquePointer?
        try check(natsOptions_Create(&created))
        let options = created
        defer { natsOptions_Destroy(options) }
        let closed = DispatchSemaphore(value: 0)
        let link = Link()
        // Earlier than the disconnected callback, which has a thread of its own.
        let poller = try NATSPoller(writesThrough: !servers.contains { $0.hasPrefix("tls:") }) {
            link.isUp.store(false, ordering: .releasing)
        }
        do throws(NATSError) {
            try Self.setServers(servers, in: options)
            try Self.setBehaviour(of: options, name: name)
            try poller.install(in: options)
            let box = try Self.setCallbacks(of: options) { event in
                switch event {
                case .disconnected, .closed: link.isUp.store(false, ordering: .releasing)
                case .reconnected: link.isUp.store(true, ordering: .releasing)
                case .problem: break
                }
                onEvent(event)
                if case .closed = event { closed.signal() }
            }
            var connection: OpaquePointer?
            let status = natsConnection_Connect(&connection, options)
            guard status == NATS_OK, let connection else {
                let error = NATSError(status)
                CallbackBox<@Sendable (Event) -> Void>.release(box)
                throw error
            }
            handle = Handle(pointer: connection)
        } catch {
            poller.stop()
            throw error
        }
        self.link = link
        self.poller = poller
        self.closed = closed
    }

    private static func setServers(_ servers: [String], in options: OpaquePointer?) throws(NATSError) {
        // nats.c copies the strings before the call returns.
        var copies: [UnsafePointer<CChar>?] = servers.map { UnsafePointer(strdup($0)) }
        defer { for copy in copies { free(UnsafeMutablePointer(mutating: copy)) } }
        try check(natsOptions_SetServers(options, &copies, Int32(copies.count)))
    }

    private static func setBehaviour(of options: OpaquePointer?, name: String) throws(NATSError) {
        try check(natsOptions_SetName(options, name))
        // For each server, when connecting and reconnecting; in milliseconds.
        try check(natsOptions_SetTimeout(options, 1000))
        try check(natsOptions_SetMaxReconnect(options, -1))
        try check(natsOptions_SetReconnectWait(options, 200))
        try check(natsOptions_SetReconnectJitter(options, 200, 200))
        // A server that answers no ping for 10–15 s is taken for dead: a blackholed network sends no RST.
        try check(natsOptions_SetPingInterval(options, 5000))
        try check(natsOptions_SetMaxPingsOut(options, 2))
        try check(natsOptions_SetFailRequestsOnDisconnect(options, true))
        // Nothing is kept back for a server that is away: a publish fails at once, and its sender is told.
        try check(natsOptions_SetReconnectBufSize(options, 0))
        try check(natsOptions_SetSendAsap(options, true))
        try check(natsOptions_UseGlobalMessageDelivery(options, true))
    }

    /// - Returns: the box that the closed callback releases; the caller does where there never is a connection.
    private static func setCallbacks(
        of options: OpaquePointer?, _ onEvent: @escaping @Sendable (Event) -> Void
    ) throws(NATSError) -> UnsafeMutableRawPointer {
        typealias Box = CallbackBox<@Sendable (Event) -> Void>
        let box = Box.retain(onEvent)
        do throws(NATSError) {
            try check(natsOptions_SetDisconnectedCB(options, { _, box in Box.value(box)?(.disconnected) }, box))
            try check(natsOptions_SetReconnectedCB(options, { _, box in Box.value(box)?(.reconnected) }, box))
            try check(
                natsOptions_SetClosedCB(
                    options,
                    { _, box in
                        Box.value(box)?(.closed)
                        Box.release(box)
                    }, box))
            try check(
                natsOptions_SetErrorHandler(
                    options, { _, _, status, box in Box.value(box)?(.problem(NATSError(status))) }, box))
        } catch {
            Box.release(box)
            throw error
        }
        return box
    }

    /// Does not wait, not even for a server that hangs.
    var isConnected: Bool { link.isUp.load(ordering: .acquiring) }

    /// Sends one message. Does not wait for the network.
    ///
    /// - Throws: at once where there is no connection; nothing is kept for later. Also where the server has not taken what was
    ///   sent before: what waits for it in memory is bounded.
    func publish(
        _ payload: [UInt8], to subject: String, reply: String? = nil, header: (name: String, value: String)? = nil
    ) throws(NATSError) {
        guard isConnected else { throw NATSError(NATS_CONNECTION_DISCONNECTED) }
        guard natsConnection_Buffered(handle.pointer) < Self.maximumBuffered else {
            throw NATSError(NATS_INSUFFICIENT_BUFFER)
        }
        var created: OpaquePointer?
        let status = payload.withUnsafeBytes { bytes in
            natsMsg_Create(
                &created, subject, reply, bytes.bindMemory(to: CChar.self).baseAddress, Int32(payload.count))
        }
        guard status == NATS_OK, let message = created else { throw NATSError(status) }
        defer { retired.add(message) }
        if let header { try check(natsMsgHeader_Set(message, header.name, header.value)) }
        try check(poller.publishing(on: handle.pointer) { natsConnection_PublishMsg(handle.pointer, message) })
    }

    /// Sends what is pending, closes, and waits until no callback can happen any more. Blocks for up to five seconds.
    func close() {
        natsConnection_FlushTimeout(handle.pointer, 2000)
        natsConnection_Close(handle.pointer)
        _ = closed.wait(timeout: .now() + 3)
        poller.stop()
        natsConnection_Destroy(handle.pointer)
    }
}
