import Domain
import NIOCore

/// What one client and the service say to each other, in one of the dialects. Called on the connection's event loop.
protocol Conversation: AnyObject, Sendable {
    /// The connection is in its pipeline: the session can begin.
    func begin(_ admission: Admission)

    /// One text message from the client.
    func receive(_ text: String)

    /// Nothing more will come from the client, and nothing more reaches it. What it sent before is still done.
    ///
    /// - Parameter isGoodbye: the client has closed and does not mean to come back.
    func connectionEnded(isGoodbye: Bool)

    /// What the client is shown in the place of an event of its own doing; nil: nothing.
    func frame(inPlaceOf own: Delivery) -> ByteBuffer?

    /// The socket has taken enough that there is room for more.
    func canWriteAgain()
}

extension Conversation {
    /// Most clients are closed when they read too slowly, and nothing has to go on.
    func canWriteAgain() {}
}

/// A conversation that takes binary messages as well. Elsewhere one is a violation, which ends the connection.
protocol BinaryConversation: Conversation {
    /// One binary message from the client. On the connection's event loop.
    func receive(binary bytes: ByteBuffer)
}

/// A conversation whose client reads the log and counts by its sequence numbers. So it can fall behind and be shown later
/// what it has missed, and it can come back and go on where it stopped. Called on the connection's event loop.
protocol LogReadingConversation: Conversation {
    /// More waits to be sent than the connection may have.
    func fallBehind()

    /// Whether the client reads topics of that kind.
    func reads(_ kind: Topic.Kind) -> Bool

    /// The log is another one: nothing more is shown.
    func logRenewed()

    /// What the client is told when it is to come back after `delay`.
    func reconnectFrame(after delay: TimeAmount, because reason: String) -> ByteBuffer
}
