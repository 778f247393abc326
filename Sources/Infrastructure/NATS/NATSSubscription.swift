import CNATS
import Synchronization

/// What came in on a subscription. It stands in nats.c's memory and is lent to the handler for its call; not being
/// copyable, it cannot be kept.
struct NATSMessage: ~Copyable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    var subject: String { String(cString: natsMsg_GetSubject(pointer)) }

    /// Where an answer goes; nil where none is wanted.
    var reply: String? { natsMsg_GetReply(pointer).map { String(cString: $0) } }

    var payload: [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: natsMsg_GetData(pointer), count: Int(natsMsg_GetDataLength(pointer))))
    }

    /// Whether the NATS server says that nobody listens to the subject of a request.
    var saysNoResponders: Bool { natsMsg_IsNoResponders(pointer) }

    func header(_ name: String) -> String? {
        var value: UnsafePointer<CChar>?
        guard natsMsgHeader_Get(pointer, name, &value) == NATS_OK, let value else { return nil }
        return String(cString: value)
    }
}

/// One subscription, on one link after the other; ``cancel()`` ends it.
final class NATSSubscription: Sendable {
    typealias Handler = @Sendable (borrowing NATSMessage) -> Void

    /// What nats.c holds while messages may come.
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

    /// - Parameter handler: called on nats.c's delivery thread, one message after the other.
    /// - Throws: where there is a link, and it does not take the subscription. Where there is none, the next one will.
    init(to subject: String, on connection: NATSConnection, _ handler: @escaping Handler) throws(NATSError) {
        self.subject = subject
        receiver = Receiver(handler: handler, retired: connection.retired)
        self.connection = connection
        guard let link = connection.add(self) else { return }
        do throws(NATSError) {
            try attach(to: link)
        } catch {
            if link.isUp { throw error }  // else it has ended just now
        }
    }

    /// Subscribes on a link, unless that has been done.
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
        // The handler may still be running when the subscription ends: only this callback comes after the last call.
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
        // Fails only where its link has ended, which ends it too.
        if let handle { natsSubscription_Unsubscribe(handle.pointer) }
    }
}
