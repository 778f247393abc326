import CNATS
import Foundation
import Synchronization

/// One thread that polls the socket of one nats.c connection, in place of nats.c's own reader and flusher threads.
///
/// nats.c calls the four event-loop callbacks on whatever thread connects, publishes or closes. The callbacks note what
/// is wanted and wake the poller's thread, which alone reads. With nats.c's own flusher a request and its reply take 1
/// ms longer (docs/decisions/0004-nats-c.md).
///
/// A publisher that publishes now and then writes to the socket itself, since waking the thread costs more than the
/// write. Publishes in quick succession are left to the thread, which writes many at once. See ``publishing(on:_:)``.
final class NATSPoller: Sendable {
    private struct Interest {
        var socket: Int32 = -1
        var wantsRead = false
        var wantsWrite = false
        var isStopped = false
        /// nats.c's handle, as the attach callback passed it. It is a number because a pointer is not `Sendable`. It is
        /// valid until the connection is destroyed, which happens only after ``stop()`` has ended the thread.
        var connection: UInt = 0
    }

    private let interest = Mutex(Interest())
    private let wakeReader: Int32
    private let wakeWriter: Int32
    private let isWakePending = Atomic<Bool>(false)
    /// Held while nats.c's buffer is written. Writing an empty buffer is not allowed: nats.c would take it for the end
    /// of the connection.
    private let writing = Mutex<Void>(())
    /// In nanoseconds of the system's uptime.
    private let lastPublish = Atomic<UInt64>(0)
    private let writesThrough: Bool
    /// Set on threads that are in ``publishing(on:_:)``.
    private let isPublishing: pthread_key_t
    private let ended = DispatchSemaphore(value: 0)

    private let onDetached: @Sendable () -> Void

    /// - Parameters:
    ///   - writesThrough: whether the publishing thread may write to the socket. It must not block, and with TLS it
    ///     could.
    ///   - onDetached: called with nats.c's lock held, when nats.c has given up its socket and is about to connect to
    ///     another.
    init(writesThrough: Bool, onDetached: @escaping @Sendable () -> Void) throws(NATSError) {
        self.writesThrough = writesThrough
        self.onDetached = onDetached
        var key = pthread_key_t()
        guard pthread_key_create(&key, nil) == 0 else { throw NATSError(NATS_SYS_ERROR) }
        isPublishing = key
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            pthread_key_delete(key)
            throw NATSError(NATS_SYS_ERROR)
        }
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        (wakeReader, wakeWriter) = (ends[0], ends[1])
        let thread = Thread { [self] in run() }
        thread.name = "nats-poll"
        thread.start()
    }

    deinit {
        close(wakeReader)
        close(wakeWriter)
        pthread_key_delete(isPublishing)
    }

    /// Ends the thread and waits for that. Afterwards no callback runs on it.
    func stop() {
        change { $0.isStopped = true }
        ended.wait()
    }

    /// Makes `options` use this poller. The poller must outlive the connection made with them.
    func install(in options: OpaquePointer?) throws(NATSError) {
        let pointer = Unmanaged.passUnretained(self).toOpaque()
        try check(
            natsOptions_SetEventLoop(
                options, pointer,
                { userData, loop, connection, socket in
                    guard let loop else { return NATS_INVALID_ARG }
                    userData?.pointee = loop
                    NATSPoller.from(loop).change { interest in
                        interest = Interest(
                            socket: Int32(socket), wantsRead: true, isStopped: interest.isStopped,
                            connection: UInt(bitPattern: connection))
                    }
                    return NATS_OK
                },
                { loop, add in
                    if let loop {
                        NATSPoller.from(loop).change { $0.wantsRead = add }
                        if !add { NATSPoller.from(loop).onDetached() }
                    }
                    return NATS_OK
                },
                { loop, add in
                    if let loop { NATSPoller.from(loop).wantsWrite(add) }
                    return NATS_OK
                },
                { loop in
                    if let loop {
                        NATSPoller.from(loop).change { interest in
                            interest.socket = -1
                            interest.wantsRead = false
                            interest.wantsWrite = false
                        }
                    }
                    return NATS_OK
                }))
    }

    private static func from(_ pointer: UnsafeMutableRawPointer) -> NATSPoller {
        Unmanaged<NATSPoller>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Publishes at least this far apart are written one by one, in nanoseconds.
    private static let lull: UInt64 = 100_000

    /// Runs `body`, which publishes, and makes sure that what it published is written. May be called on any thread.
    func publishing(on connection: OpaquePointer, _ body: () -> natsStatus) -> natsStatus {
        let now = DispatchTime.now().uptimeNanoseconds
        let last = lastPublish.exchange(now, ordering: .relaxed)
        guard writesThrough, now > last + Self.lull else { return body() }
        pthread_setspecific(isPublishing, Unmanaged.passUnretained(self).toOpaque())
        let status = body()
        pthread_setspecific(isPublishing, nil)
        writePending(of: connection)
        if interest.withLock({ $0.wantsWrite }) { wake() }  // the socket does not accept everything now
        return status
    }

    private func writePending(of connection: OpaquePointer) {
        writing.withLock { _ in
            if natsConnection_Buffered(connection) > 0 { natsConnection_ProcessWriteEvent(connection) }
        }
    }

    private func wantsWrite(_ wanted: Bool) {
        interest.withLock { $0.wantsWrite = wanted }
        if wanted, pthread_getspecific(isPublishing) == nil { wake() }
    }

    private func change(_ body: (inout Interest) -> Void) {
        interest.withLock { body(&$0) }
        wake()
    }

    private func wake() {
        guard !isWakePending.exchange(true, ordering: .sequentiallyConsistent) else { return }
        var byte: UInt8 = 1
        _ = write(wakeWriter, &byte, 1)  // if the pipe is full, the thread wakes anyway
    }

    private func run() {
        defer { ended.signal() }
        var scratch = [UInt8](repeating: 0, count: 64)
        while true {
            let now = interest.withLock { $0 }
            if now.isStopped { return }
            let events = (now.wantsRead ? POLLIN : 0) | (now.wantsWrite ? POLLOUT : 0)
            // `poll` skips a negative descriptor, which is what a detached connection has.
            var descriptors = [
                pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0),
                pollfd(fd: events == 0 ? -1 : now.socket, events: Int16(events), revents: 0),
            ]
            guard poll(&descriptors, 2, -1) > 0 else { continue }
            if descriptors[0].revents != 0 {
                // Read the pipe first, then reset the flag. A wake-up after the reset writes a new byte; one before it
                // has already changed what the top of the loop reads. In the other order a byte could be swallowed
                // here, and the thread would sleep on.
                _ = read(wakeReader, &scratch, scratch.count)
                isWakePending.store(false, ordering: .sequentiallyConsistent)
            }
            let happened = Int32(descriptors[1].revents)
            guard happened != 0, let connection = OpaquePointer(bitPattern: now.connection) else { continue }
            if happened & (POLLIN | POLLHUP | POLLERR | POLLNVAL) != 0 { natsConnection_ProcessReadEvent(connection) }
            if happened & POLLOUT != 0 { writePending(of: connection) }
        }
    }
}
