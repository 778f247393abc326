import Domain
import Wire

extension Dialect {
    /// `chat.v2`. Its clients read the log.
    static func v2(in encodings: inout EncodingTable) -> Dialect {
        let encoding = encodings.register(readsLog: true) { event in
            V2Event(event).map { V2Frame($0).json }
        } announcement: { announcement in
            let event = V2Event.announcement(
                content: announcement.content, timestamp: announcement.timestamp.rfc3339Text)
            return V2Frame(event).json
        }
        return Dialect(subprotocol: "chat.v2", encoding: encoding) { connection, edge in
            V2Conversation(connection, edge)
        }
    }
}

extension Connection {
    /// Tells this client something, after everything it was told before. From any thread.
    func send(_ frame: V2Frame) { send(textFrame(frame.json)) }

    /// Writes an answer. On the event loop.
    func write(_ frame: V2Frame) { writeAnswer(textFrame(frame.json)) }
}
