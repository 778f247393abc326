import NIOCore
import Synchronization
import WebSocketRules

/// Makes the frames of messages for clients that have agreed on permessage-deflate (RFC 7692).
///
/// A message is compressed where that is worth it: from a least size on, and only if it becomes smaller. From any thread.
final class FrameCompressor: Sendable {
    /// One deflater. Sendable because it is in the pool or in use by the one thread that took it out.
    private struct Slot: @unchecked Sendable {
        let deflater: Deflater
    }

    private let window: DeflateWindow
    private let minimumBytes: Int
    /// Those that nobody is using. There are as many as threads have ever compressed at the same time.
    private let idle = Mutex<[Slot]>([])

    /// - Parameter minimumBytes: messages with less are not compressed.
    init(_ window: DeflateWindow, minimumBytes: Int) {
        self.window = window
        self.minimumBytes = minimumBytes
    }

    func text(_ payload: [UInt8]) -> ByteBuffer { payload.withUnsafeBytes { frame(.text, $0) } }

    func frame(_ kind: ServerFrame.Kind, _ payload: UnsafeRawBufferPointer) -> ByteBuffer {
        guard payload.count >= minimumBytes else { return ServerFrame.message(kind, payload) }
        let slot = idle.withLock { $0.popLast() } ?? Slot(deflater: Deflater(window))
        defer { idle.withLock { $0.append(slot) } }
        guard let compressed = slot.deflater.deflate(payload) else { return ServerFrame.message(kind, payload) }
        return compressed.withUnsafeReadableBytes { ServerFrame.message(kind, $0, isCompressed: true) }
    }
}

/// The compressors of an instance whose clients may agree on compression.
struct MessageCompression: Sendable {
    private let full: FrameCompressor
    private let narrow: FrameCompressor

    /// - Parameter minimumBytes: messages with less are not compressed.
    init(minimumBytes: Int) {
        full = FrameCompressor(.full, minimumBytes: minimumBytes)
        narrow = FrameCompressor(.narrow, minimumBytes: minimumBytes)
    }

    subscript(window: DeflateWindow) -> FrameCompressor {
        switch window {
        case .full: full
        case .narrow: narrow
        }
    }
}
