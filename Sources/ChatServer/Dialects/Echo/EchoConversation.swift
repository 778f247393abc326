import Domain
import NIOCore

/// Says to a client what the client has said. For test suites of the WebSocket protocol, which need an echo; everything
/// between it and the socket is what chat clients have.
final class EchoConversation: BinaryConversation {
    /// The greatest size of a message: the largest ones of the Autobahn|Testsuite.
    static let maximumMessageBytes = 16 << 20
    /// A client may have an answer unsent, and say as much again before it is noticed that it does not read.
    static let sendBufferBytes = 3 * maximumMessageBytes

    private let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    /// An echo needs to know nobody.
    func begin(_ admission: Admission) {}

    func receive(_ text: String) {
        var text = text
        text.withUTF8 { say(.text, UnsafeRawBufferPointer($0)) }
    }

    func receive(binary bytes: ByteBuffer) { bytes.withUnsafeReadableBytes { say(.binary, $0) } }

    private func say(_ kind: ServerFrame.Kind, _ message: UnsafeRawBufferPointer) {
        connection.write(connection.frame(kind, message))
        connection.pauseReading(.unanswered, if: !connection.isWritable)
    }

    func canWriteAgain() { connection.pauseReading(.unanswered, if: false) }

    func connectionEnded(isGoodbye: Bool) {}

    func frame(inPlaceOf own: Delivery) -> ByteBuffer? { nil }
}
