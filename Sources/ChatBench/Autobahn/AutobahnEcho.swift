import NIOCore
import Synchronization
import Transport
import Wire

/// One connection to a fuzzing server, to which it says what it is told, until the connection ends.
final class AutobahnEcho: ConnectionSink {
    private struct State {
        var transport: WebSocketTransport?
        var lastText = ""
        var hasEnded = false
        var waiter: CheckedContinuation<String, Never>?
    }

    /// The largest message of the suite.
    private static let maximumBytes = 16 << 20
    private static let attempt = Attempt(number: 1)

    private let loop: any EventLoop
    private let state = Mutex(State())

    init(loop: any EventLoop) { self.loop = loop }

    var hasRoom: Bool { true }

    /// Returns the last text that came, when the connection has ended. To be called once.
    func run(at address: ServerAddress) async -> String {
        // Everything is compressed, so that the cases about that see it.
        let transport = WebSocketTransport(
            loop: loop, userAgent: "chat-bench/\(Version.current)", compression: .init(minimumBytes: 0),
            maximumBytes: Self.maximumBytes, sink: self)
        state.withLock { $0.transport = transport }
        transport.connect(Self.attempt, to: address, asking: UpgradeRequest(username: ""))
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let text: String? = state.withLock { state in
                    if state.hasEnded { return state.lastText }
                    state.waiter = continuation
                    return nil
                }
                if let text { continuation.resume(returning: text) }
            }
        } onCancel: {
            transport.abandon(Self.attempt)
            end()
        }
    }

    func deliver(_ attempt: Attempt, _ event: ConnectionEvent) {
        let transport = state.withLock { $0.transport }
        switch event {
        case .received(let text):
            if text.readableBytes < 64 { state.withLock { $0.lastText = String(buffer: text) } }
            transport?.send(text, number: nil, on: attempt)
        case .receivedBinary(let bytes): transport?.send(binary: bytes, on: attempt)
        case .ended: end()
        case .opened, .alive, .sent: break
        }
    }

    private func end() {
        let (waiter, text) = state.withLock { state in
            state.hasEnded = true
            state.transport = nil
            return (state.waiter.take(), state.lastText)
        }
        waiter?.resume(returning: text)
    }
}
