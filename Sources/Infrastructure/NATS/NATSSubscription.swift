import CNATS

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

/// One subscription. It survives reconnects; ``cancel()`` ends it.
final class NATSSubscription: Sendable {
    typealias Handler = @Sendable (borrowing NATSMessage) -> Void

    /// What nats.c holds while messages may come.
    private struct Receiver: Sendable {
        let handler: Handler
        let retired: RetiredMessages
    }

    private let handle: NATSConnection.Handle

    /// - Parameter handler: called on nats.c's delivery thread, one message after the other.
    init(to subject: String, on connection: NATSConnection, _ handler: @escaping Handler) throws(NATSError) {
        let box = CallbackBox.retain(Receiver(handler: handler, retired: connection.retired))
        var subscription: OpaquePointer?
        let status = natsConnection_Subscribe(
            &subscription, connection.handle.pointer, subject,
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
        handle = NATSConnection.Handle(pointer: subscription)
        // The handler may still be running when the subscription ends: only this callback comes after the last call.
        natsSubscription_SetOnCompleteCB(subscription, { CallbackBox<Receiver>.release($0) }, box)
    }

    deinit { natsSubscription_Destroy(handle.pointer) }

    func cancel() {
        natsSubscription_Unsubscribe(handle.pointer)  // fails only where the connection is closed, which ends it too
    }
}
