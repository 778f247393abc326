import CNATS
import Synchronization

/// A message that a subscription received. It is in nats.c's memory and is lent to the handler for one call. It is not
/// copyable, so the handler cannot keep it.
struct NATSMessage: ~Copyable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    var subject: String { String(cString: natsMsg_GetSubject(pointer)) }

    /// The subject for an answer; nil if none is wanted.
    var reply: String? { natsMsg_GetReply(pointer).map { String(cString: $0) } }

    var payload: [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: natsMsg_GetData(pointer), count: Int(natsMsg_GetDataLength(pointer))))
    }

    /// Whether this is the NATS server's answer that nobody listens to a request's subject.
    var saysNoResponders: Bool { natsMsg_IsNoResponders(pointer) }

    func header(_ name: String) -> String? {
        var value: UnsafePointer<CChar>?
        guard natsMsgHeader_Get(pointer, name, &value) == NATS_OK, let value else { return nil }
        return String(cString: value)
    }
}

/// One subscription, made again on each link; ``cancel()`` ends it.
final class NATSSubscription: Sendable {
    typealias Handler = @Sendable (borrowing NATSMessage) -> Void

    /// The context that nats.c holds for as long as messages may come.
    private struct Receiver: Sendable {
        let handler: Handler
        let retired: RetiredMessages
    }

    private struct State {
        var handle: NATSLink.Handle?
        /// The link that `handle` belongs to.
        var link: NATSLink?
        var isCancelled = false
    }

    private let subject: String
    private let receiver: Receiver
    private let connection: NATSConnection
    private let state = Mutex(State())

    /// - Parameter handler: called on nats.c's delivery thread, for one message at a time.
    /// - Throws: if there is a link that does not accept the subscription. Without a link, the next one takes it.
    init(to subject: String, on connection: NATSConnection, _ handler: @escaping Handler) throws(NATSError) {
        self.subject = subject
        receiver = Receiver(handler: handler, retired: connection.retired)
        self.connection = connection
        guard let link = connection.add(self) else { return }
        do throws(NATSError) {
            try attach(to: link)
        } catch {
            if link.isUp { throw error }  // otherwise it ended just now, and the next one takes it
        }
    }

    /// Subscribes on a link, unless that was done already.
    func attach(to link: NATSLink) throws(NATSError) {
        let old = try state.withLock { state throws(NATSError) -> NATSLink.Handle? in
            guard !state.isCancelled, state.link !== link else { return nil }
            defer { state.link = link }
            let old = state.handle
            state.handle = try subscribe(on: link)
            return old
        }
        if let old { natsSubscription_Destroy(old.pointer) }
    }

    private func subscribe(on link: NATSLink) throws(NATSError) -> NATSLink.Handle {
        let box = CallbackBox.retain(receiver)
        var subscription: OpaquePointer?
        let status = natsConnection_Subscribe(
            &subscription, link.handle.pointer, subject,
            { _, _, message, box in
                guard let message, let receiver = CallbackBox<Receiver>.value(box) else { return }
                receiver.handler(NATSMessage(message))
                receiver.retired.add(message)
            }, box)
        guard status == NATS_OK, let subscription else {
            let error = NATSError(status)
            CallbackBox<Receiver>.release(box)
            throw error
        }
        // The handler may still run when the subscription ends. Only this callback is certain to come after its last
        // call.
        natsSubscription_SetOnCompleteCB(subscription, { CallbackBox<Receiver>.release($0) }, box)
        return NATSLink.Handle(pointer: subscription)
    }

    deinit {
        connection.remove(ObjectIdentifier(self))
        if let handle = state.withLock({ $0.handle }) { natsSubscription_Destroy(handle.pointer) }
    }

    func cancel() {
        let handle = state.withLock { state in
            state.isCancelled = true
            return state.handle
        }
        connection.remove(ObjectIdentifier(self))
        // Fails only if the link has ended, and the subscription with it.
        if let handle { natsSubscription_Unsubscribe(handle.pointer) }
    }
}
