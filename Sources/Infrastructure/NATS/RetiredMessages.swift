import CNATS
import Synchronization

/// Messages of nats.c that are not needed any more, destroyed several at a time.
///
/// `natsMsg_Destroy` does not free a message: it hands it to a thread of nats.c and wakes that. Three messages belong to
/// each append (what is published, its acknowledgement, its live copy), and waking the thread for each took a tenth of the
/// server's time in many small rooms (docs/performance.md).
final class RetiredMessages: Sendable {
    /// How many are kept at most, and how many bytes of them.
    private static let maximumCount = 64
    private static let maximumBytes = 256 << 10

    private struct State {
        /// The caller of ``add(_:)`` gives the message up, so only this list uses it until it is destroyed.
        var messages: [NATSLink.Handle] = []
        var bytes = 0
    }

    private let state = Mutex(State())

    /// Takes ownership of the message. May be called on any thread.
    func add(_ message: OpaquePointer) {
        let full = state.withLock { state -> [NATSLink.Handle] in
            state.messages.append(NATSLink.Handle(pointer: message))
            state.bytes += Int(natsMsg_GetDataLength(message))
            guard state.messages.count >= Self.maximumCount || state.bytes >= Self.maximumBytes else { return [] }
            defer { state = State() }
            return state.messages
        }
        for message in full { natsMsg_Destroy(message.pointer) }
    }

    deinit { for message in state.withLock({ $0.messages }) { natsMsg_Destroy(message.pointer) } }
}
