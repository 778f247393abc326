public import NIOCore
public import Wire

/// One attempt to connect and the connection it may become. What a transport reports carries it, so that the late words
/// of a connection already given up are recognised.
public struct Attempt: Hashable, Sendable {
    /// Chosen by the caller; no two attempts of a transport share one.
    public var number: Int

    public init(number: Int) {
        self.number = number
    }
}

/// Carries text between a client and a server, whatever the text says.
///
/// Calls return at once and may come from any thread. What happens is reported to the sink that the transport was made
/// with, in the order in which it happened; after ``ConnectionEvent/ended(_:)`` nothing more is reported for an attempt.
/// Attempts are independent of one another: any number may be under way at the same time.
public protocol ClientTransport: Sendable {
    /// Begins an attempt. It ends in `opened` or `ended`, though perhaps late: the caller keeps its own deadline.
    func connect(_ attempt: Attempt, to address: ServerAddress, asking request: UpgradeRequest)

    /// Sends one text message, whose bytes have to be UTF-8. Where there is a `number`, `sent(number)` is reported once
    /// the message was handed to the operating system, and never if the connection ended before. Messages of one attempt
    /// are sent in order. What is sent before `opened` or after `ended` is dropped.
    func send(_ text: ByteBuffer, number: Int?, on attempt: Attempt)

    /// Begins the closing handshake; `ended` follows when the server answers, for which the caller keeps a deadline.
    func close(_ attempt: Attempt, code: CloseCode)

    /// Drops the connection without ceremony and without further reports.
    func abandon(_ attempt: Attempt)

    /// The sink has room again after it reported that it had none.
    func resumeReading()
}

/// Takes what a transport reports.
public protocol ConnectionSink: Sendable {
    /// Called on the transport's event loop, in order; it must not block.
    func deliver(_ attempt: Attempt, _ event: ConnectionEvent)

    /// False while the receiver lags behind: the transport then stops reading, and the server feels it through TCP.
    /// Asked on the transport's event loop before each read of a socket.
    var hasRoom: Bool { get }
}
