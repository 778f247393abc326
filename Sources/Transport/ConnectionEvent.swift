public import NIOCore
public import Wire

/// An event of an attempt, as the transport saw it.
public enum ConnectionEvent: Equatable, Sendable {
    /// The upgrade to WebSocket succeeded. The subprotocol is the one that the server chose among those that were
    /// offered; `nil`: none.
    case opened(subprotocol: String?)
    /// A whole text message, checked only to be UTF-8.
    case received(ByteBuffer)
    /// A whole binary message, which no dialect has.
    case receivedBinary(ByteBuffer)
    /// A sign of life of the server without other meaning.
    case alive
    /// The message with this number was handed to the operating system.
    case sent(Int)
    case ended(ConnectionEnd)
}

/// Why a connection ended, or could not be made.
public enum ConnectionEnd: Equatable, Sendable {
    /// No connection could be made, or the peer is not a chat server; the reason in words.
    case unreachable(String)
    /// The server answered the upgrade with an HTTP status; `words` is the first line of its answer, empty if it had no
    /// plain text. `retryAfter` is from zero to a day.
    case refused(status: Int, words: String, retryAfter: Duration?)
    /// The server closed the connection, with this code and reason.
    case closed(CloseCode, reason: String)
    /// The connection broke without a closing handshake, or broke the protocol; the reason in words, or empty.
    case lost(String)
}
