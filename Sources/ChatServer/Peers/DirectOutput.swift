import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The shortest way from a finished frame to a connection's socket: one `send`, as long as nothing waits in the channel.
///
/// The channel's own way (its pipeline, its queue of pending writes) takes two to three microseconds of the processor a
/// write, a third of what the kernel takes for it, and a message to a thousand members is a thousand writes
/// (docs/performance.md). It is still the way of what the socket does not take at once: the rest, and all that comes
/// behind it until the channel is empty again. So order is kept, and errors are the channel's to handle.
///
/// Used on the channel's event loop only. The descriptor is the channel's as long as the channel is active: NIO closes
/// both without letting anybody else run on the loop in between.
struct DirectOutput {
    private let transport: PlainTransport?
    /// Something may be waiting in the channel. At first it may be the answer to the upgrade.
    private var mayHaveBacklog = true

    /// - Parameter transport: nil for a connection whose channel is given everything.
    init(_ transport: PlainTransport?) { self.transport = transport }

    /// - Returns: what the channel is to write; nil where all is written.
    @inline(__always)
    mutating func send(_ frames: ByteBuffer) -> ByteBuffer? {
        guard let transport, transport.channel.isActive, !mayHaveBacklog || isEmpty(transport.channel) else {
            return frames
        }
        let sent = frames.withUnsafeReadableBytes { Self.send($0, to: transport.socket) }
        if sent == frames.readableBytes { return nil }
        mayHaveBacklog = true
        return frames.getSlice(at: frames.readerIndex + sent, length: frames.readableBytes - sent)
    }

    private mutating func isEmpty(_ channel: any Channel) -> Bool {
        mayHaveBacklog = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) != 0
        return !mayHaveBacklog
    }

    /// - Returns: how many bytes the socket has taken. None where it fails: the channel will meet the same error.
    private static func send(_ bytes: UnsafeRawBufferPointer, to socket: NIOBSDSocket.Handle) -> Int {
        #if os(Linux)
            let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        #else
            let flags = MSG_DONTWAIT  // NIO has set SO_NOSIGPIPE
        #endif
        return max(0, systemSend(socket, bytes.baseAddress, bytes.count, flags))
    }
}

private let systemSend = send
