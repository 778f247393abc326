import CNATS
import Foundation
import Synchronization

/// One connection of nats.c, from being connected to its end. It never reconnects: ``NATSConnection`` makes another one.
///
/// All subscriptions of the process are served by one delivery thread of nats.c, so that handlers run one at a time and
/// in the order in which messages came in.
final class NATSLink: Sendable {
    /// nats.c locks its handles itself, so they may be used on any thread until they are destroyed.
    struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// What nats.c's callbacks, which run on its own threads, report about the link.
    private final class Signals: Sendable {
        let isUp = Atomic<Bool>(true)
        let ended = DispatchSemaphore(value: 0)
        let onProblem: @Sendable (NATSError) -> Void

        init(onProblem: @escaping @Sendable (NATSError) -> Void) { self.onProblem = onProblem }
    }

    /// In bytes. A server that hangs is given up after 10–15 s, so the buffer does not grow for longer.
    private static let maximumBuffered: Int32 = 64 << 20

    let server: NATSServerURL
    let handle: Handle
    private let signals: Signals
    private let poller: NATSPoller
    /// nats.c's options point to its login.
    private let secrets: NATSSecrets

    /// Connects. Blocks the calling thread for up to a second.
    ///
    /// - Parameter onProblem: called on a thread of nats.c with problems that it reports by itself, such as a
    ///   subscription that cannot keep up.
    init(
        server: NATSServerURL, secrets: NATSSecrets, name: String,
        onProblem: @escaping @Sendable (NATSError) -> Void
    ) throws(NATSError) {
        // Must come before any other call of nats.c. Its locks are held for moments only; spinning on them took a tenth
        // of the server's time.
        nats_Open(0)
        var created: OpaquePointer?
        try check(natsOptions_Create(&created))
        let options = created
        defer { natsOptions_Destroy(options) }
        let signals = Signals(onProblem: onProblem)
        // Comes earlier than the closed callback, which runs on another thread.
        let poller = try NATSPoller(writesThrough: !server.isEncrypted) {
            signals.isUp.store(false, ordering: .releasing)
        }
        do throws(NATSError) {
            try Self.setServer(server, in: options)
            try secrets.install(in: options, isEncrypted: server.isEncrypted)
            try Self.setBehaviour(of: options, name: name)
            try poller.install(in: options)
            let box = try Self.setCallbacks(of: options, signals)
            var connection: OpaquePointer?
            let status = natsConnection_Connect(&connection, options)
            guard status == NATS_OK, let connection else {
                let error = NATSError(status)
                CallbackBox<Signals>.release(box)
                throw error
            }
            handle = Handle(pointer: connection)
        } catch {
            poller.stop()
            throw error
        }
        self.server = server
        self.secrets = secrets
        self.signals = signals
        self.poller = poller
    }

    private static func setServer(_ server: NATSServerURL, in options: OpaquePointer?) throws(NATSError) {
        try check(natsOptions_SetURL(options, server.withoutCredentials))
        // Without this nats.c would continue without encryption if the server offers no TLS.
        if server.isEncrypted { try check(natsOptions_SetSecure(options, true)) }
        // Without this nats.c would take a trusted certificate that is for another host, also where the URL asks for no TLS
        // and the server does.
        try check(natsOptions_SetExpectedHostname(options, server.host))
        switch server.credentials {
        case .user(let name, let password): try check(natsOptions_SetUserInfo(options, name, password))
        case .token(let token): try check(natsOptions_SetToken(options, token))
        case nil: break
        }
    }

    private static func setBehaviour(of options: OpaquePointer?, name: String) throws(NATSError) {
        try check(natsOptions_SetName(options, name))
        // In milliseconds.
        try check(natsOptions_SetTimeout(options, 1000))
        try check(natsOptions_SetAllowReconnect(options, false))
        // A server that answers no ping for 10–15 s counts as dead, because a network that drops everything sends no
        // RST.
        try check(natsOptions_SetPingInterval(options, 5000))
        try check(natsOptions_SetMaxPingsOut(options, 2))
        try check(natsOptions_SetSendAsap(options, true))
        try check(natsOptions_UseGlobalMessageDelivery(options, true))
    }

    /// - Returns: the box that the closed callback releases. If no connection comes about, the caller must release it.
    private static func setCallbacks(
        of options: OpaquePointer?, _ signals: Signals
    ) throws(NATSError) -> UnsafeMutableRawPointer {
        typealias Box = CallbackBox<Signals>
        let box = Box.retain(signals)
        do throws(NATSError) {
            try check(
                natsOptions_SetClosedCB(
                    options,
                    { _, box in
                        if let signals = Box.value(box) {
                            signals.isUp.store(false, ordering: .releasing)
                            signals.ended.signal()
                        }
                        Box.release(box)
                    }, box))
            try check(
                natsOptions_SetErrorHandler(
                    options, { _, _, status, box in Box.value(box)?.onProblem(NATSError(status)) }, box))
        } catch {
            Box.release(box)
            throw error
        }
        return box
    }

    /// Whether the link is up, as the callbacks and the poller report. Never blocks, even if the server hangs.
    var isUp: Bool { signals.isUp.load(ordering: .acquiring) }

    /// The largest message that the server accepts, header block and payload together, in bytes. May block if the
    /// server hangs.
    var maximumPayload: Int64 { natsConnection_GetMaxPayload(handle.pointer) }

    /// The last permission that the server denied, in its words; nil if it has denied none. May block if the server
    /// hangs.
    var prohibition: String? {
        var words: UnsafePointer<CChar>?
        guard natsConnection_GetLastError(handle.pointer, &words) == NATS_NOT_PERMITTED else { return nil }
        return words.map { String(cString: $0) } ?? ""
    }

    /// Sends one message. Does not wait for the network.
    ///
    /// - Throws: if the link is down, or if too much that was sent before still waits in memory for the server.
    func publish(_ message: OpaquePointer) throws(NATSError) {
        guard isUp else { throw NATSError(NATS_CONNECTION_DISCONNECTED) }
        guard natsConnection_Buffered(handle.pointer) < Self.maximumBuffered else {
            throw NATSError(NATS_INSUFFICIENT_BUFFER)
        }
        try check(poller.publishing(on: handle.pointer) { natsConnection_PublishMsg(handle.pointer, message) })
    }

    /// Blocks until the link has ended and no callback of it can run any more.
    func waitForEnd() {
        signals.ended.wait()
        signals.ended.signal()  // signals again for any other thread that waits
    }

    /// Sends what is pending and ends the link. Blocks for up to five seconds.
    func close() {
        natsConnection_FlushTimeout(handle.pointer, 2000)
        natsConnection_Close(handle.pointer)
        if signals.ended.wait(timeout: .now() + 3) == .success { signals.ended.signal() }
    }

    deinit {
        // On a thread of its own, because the last reference may be dropped on a thread that the poller needs in order
        // to end.
        Thread.detachNewThread { [handle, poller, secrets] in
            natsConnection_Close(handle.pointer)
            poller.stop()
            withExtendedLifetime(secrets) { natsConnection_Destroy(handle.pointer) }
        }
    }
}
