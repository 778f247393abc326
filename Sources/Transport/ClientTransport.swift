public import NIOCore
public import Wire

/// One attempt to connect, and the connection that it may become. Reports of a transport contain it, so that late
/// reports of an abandoned connection are recognised.
public struct Attempt: Hashable, Sendable {
    /// Chosen by the caller; no two attempts of a transport share one.
    public var number: Int

    public init(number: Int) {
        self.number = number
    }
}

/// Carries text between a client and a server, and does not interpret it.
///
/// Calls return at once and may come from any thread. Events are reported to the sink with which the transport was
/// made, in their order; after ``ConnectionEvent/ended(_:)`` nothing more is reported for an attempt. Attempts are
/// independent of one another: any number may be under way at the same time.
public protocol ClientTransport: Sendable {
    /// Begins an attempt. It ends in `opened` or `ended`, but perhaps late: the caller keeps its own deadline.
    func connect(_ attempt: Attempt, to address: ServerAddress, asking request: UpgradeRequest)

    /// Sends one text message, whose bytes must be UTF-8. If there is a `number`, `sent(number)` is reported once the
    /// message was handed to the operating system, and never if the connection ended before. Messages of one attempt
    /// are sent in order; where this is called on the transport's event loop, `sent` can be reported within the call.
    /// Messages sent before `opened` or after `ended` are dropped.
    func send(_ text: ByteBuffer, number: Int?, on attempt: Attempt)

    /// Begins the closing handshake; `ended` follows when the server answers, for which the caller keeps a deadline.
    func close(_ attempt: Attempt, code: CloseCode)

    /// Drops the connection without a closing handshake and without further reports.
    func abandon(_ attempt: Attempt)

    /// Call this when the sink has room again after it reported that it had none.
    func resumeReading()
}

/// Receives the reports of a transport.
public protocol ConnectionSink: Sendable {
    /// Called on the transport's event loop, in order; it must not block.
    func deliver(_ attempt: Attempt, _ event: ConnectionEvent)

    /// False while the receiver cannot keep up: the transport then stops reading, and TCP slows the server down. Asked
    /// on the transport's event loop before each read of a socket.
    var hasRoom: Bool { get }
}
