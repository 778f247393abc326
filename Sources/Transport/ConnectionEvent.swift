public import NIOCore
public import Wire

/// What became of an attempt, as the transport saw it.
public enum ConnectionEvent: Equatable, Sendable {
    /// The upgrade to WebSocket succeeded. The subprotocol is the one that the server chose among those it was offered;
    /// `nil`: none.
    case opened(subprotocol: String?)
    /// A whole text message, checked to be UTF-8 and nothing else.
    case received(ByteBuffer)
    /// A binary message, which no dialect has.
    case receivedBinary
    /// The server gave a sign of life that says nothing else.
    case alive
    /// The message with this number was handed to the operating system.
    case sent(Int)
    case ended(ConnectionEnd)
}

/// Why a connection is over, or did not come about.
public enum ConnectionEnd: Equatable, Sendable {
    /// No connection could be made, or the peer is no chat server; the reason in words.
    case unreachable(String)
    /// The server answered the upgrade with an HTTP status; `words` is the first line of what it said, empty where it said
    /// nothing in plain text. `retryAfter` is from zero to a day.
    case refused(status: Int, words: String, retryAfter: Duration?)
    /// The server closed, with the code and the reason that it gave.
    case closed(CloseCode, reason: String)
    /// The connection broke without a closing handshake, or broke the protocol; the reason in words, or empty.
    case lost(String)
}
