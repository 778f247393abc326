import Domain
import NIOCore

/// What one client and the service say to each other, in one of the dialects. Called on the connection's event
/// loop.
protocol Conversation: AnyObject, Sendable {
    /// The connection is in its pipeline: the session can begin.
    func begin(_ admission: Admission)

    /// One text message from the client.
    func receive(_ text: String)

    /// Nothing more will come from the client, and nothing more reaches it. What it sent before is still done.
    ///
    /// - Parameter isGoodbye: the client has closed and does not mean to come back.
    func connectionEnded(isGoodbye: Bool)

    /// What is shown of a batch that holds something of this client's own doing.
    func frames(of batch: [Delivery]) -> [ByteBuffer]

    /// More is waiting to be sent than the connection may have.
    ///
    /// - Returns: false where the client cannot be helped, and is to be sent away.
    func fallBehind() -> Bool

    /// The socket has taken enough that there is room for more.
    func canWriteAgain()

    /// Whether the client counts by the numbers of that log.
    func reads(_ kind: Topic.Kind) -> Bool

    /// The log is another one: nothing more is shown.
    func logRenewed()

    /// What the client is told when it is to come back after `delay`; nil where the dialect has no words for it.
    func reconnectFrame(after delay: TimeAmount, because reason: String) -> ByteBuffer?
}
