import Wire

/// One attempt to connect and the connection it may become. What a transport reports carries it, so that the late words
/// of a connection already given up are recognised.
struct Attempt: Hashable, Sendable {
    var number: Int
}

/// Carries the conversation with the server.
///
/// Calls return at once and may come from any thread. What happens is reported to the sink that the transport was made
/// with, in the order in which it happened; after ``ConnectionEvent/ended(_:)`` nothing more is reported for an attempt.
protocol ClientTransport: Sendable {
    /// Begins an attempt. It ends in `opened` or `ended`, though perhaps late: the caller keeps its own deadline.
    func connect(_ attempt: Attempt, to address: ServerAddress, asking request: UpgradeRequest)

    /// Sends a command. `sent(number)` is reported once it was handed to the operating system, and never if the
    /// connection ended before. Commands of one attempt are sent in order.
    func send(_ command: ClassicCommand, number: Int, on attempt: Attempt)

    /// Begins the closing handshake; `ended` follows when the server answers.
    func close(_ attempt: Attempt, code: CloseCode)

    /// Drops the connection without ceremony and without further reports.
    func abandon(_ attempt: Attempt)

    /// The sink has room again after it reported that it had none.
    func resumeReading()
}

/// What became of an attempt, as the transport saw it.
enum ConnectionEvent: Equatable, Sendable {
    /// The upgrade to WebSocket succeeded.
    case opened
    case received(ClassicEvent)
    /// A frame that is none of the dialect's.
    case receivedUnknown
    /// The server gave a sign of life that says nothing else.
    case alive
    /// The command with this number was handed to the operating system.
    case sent(Int)
    case ended(ConnectionEnd)
}

/// Why a connection is over, or did not come about.
enum ConnectionEnd: Equatable, Sendable {
    /// No connection could be made, or the peer is no chat server; the reason in words.
    case unreachable(String)
    /// The server answered the upgrade with an HTTP status.
    case refused(status: Int, words: String, retryAfter: Duration?)
    /// The server closed, with the code and the reason that it gave.
    case closed(CloseCode, reason: String)
    /// The connection broke without a closing handshake, or broke the protocol.
    case lost(String)
}

/// A WebSocket close code, RFC 6455 §7.4 and the protocol's own.
struct CloseCode: RawRepresentable, Hashable, Sendable {
    var rawValue: UInt16

    static let normal = CloseCode(rawValue: 1000)
    static let goingAway = CloseCode(rawValue: 1001)
    static let protocolError = CloseCode(rawValue: 1002)
    /// Only local: a close frame without a code.
    static let noStatus = CloseCode(rawValue: 1005)
    static let invalidText = CloseCode(rawValue: 1007)
    static let tooBig = CloseCode(rawValue: 1009)
    static let serviceRestart = CloseCode(rawValue: 1012)
    static let tryAgainLater = CloseCode(rawValue: 1013)
    /// The username is in use, or was taken over.
    static let usernameTaken = CloseCode(rawValue: 4001)
    static let tokenExpired = CloseCode(rawValue: 4002)
    static let kicked = CloseCode(rawValue: 4003)
    static let rateLimited = CloseCode(rawValue: 4008)
}
