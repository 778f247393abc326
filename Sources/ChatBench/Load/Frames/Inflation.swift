#if os(Linux)
    import Glibc
    import NIOCore
    import WebSocketRules

    /// Inflates what a server has compressed.
    ///
    /// A server sends the same bytes to all members of a room, so that the last message is kept: with a thousand members the
    /// load generator inflates once.
    struct Inflation {
        private let inflater = Inflater()
        private var compressed: [UInt8] = []
        private var inflated = ByteBuffer()

        /// - Returns: nil for what cannot be inflated.
        mutating func text(_ payload: UnsafeRawBufferPointer) -> ByteBuffer? {
            if isLast(payload) { return inflated }
            guard let text = try? inflater.inflate(ByteBuffer(bytes: payload), atMost: LoadLoop.bufferBytes) else {
                return nil
            }
            compressed = Array(payload)
            inflated = text
            return text
        }

        private func isLast(_ payload: UnsafeRawBufferPointer) -> Bool {
            guard payload.count == compressed.count, let bytes = payload.baseAddress else { return false }
            return memcmp(compressed, bytes, payload.count) == 0
        }
    }
#endif
