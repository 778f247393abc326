import Domain
import Wire

extension Dialect {
    /// The dialect of clients that ask for none. They are shown what happens while they are there.
    static func classic(in encodings: inout EncodingTable) -> Dialect {
        let encoding = encodings.register(readsLog: false) { event in
            ClassicEvent(event)?.json
        } announcement: { announcement in
            ClassicEvent.system(content: announcement.content).json
        }
        return Dialect(subprotocol: nil, encoding: encoding) { connection, edge in
            ClassicConversation(connection, edge)
        }
    }
}

extension Connection {
    /// Tells this client something, after everything it was told before. From any thread.
    func send(_ event: ClassicEvent) { send(textFrame(event.json)) }
}
