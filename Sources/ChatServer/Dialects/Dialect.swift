/// A dialect that clients can speak: all that the rest of the server knows of it.
///
/// Each has a folder beside this file, where an extension says what it is made of.
struct Dialect: Sendable {
    /// The WebSocket subprotocol by which a client asks for it; nil: it has none.
    let subprotocol: String?
    /// How events are shown to its clients.
    let encoding: Encoding
    /// Makes the conversation of one connection. On the connection's event loop.
    let converse: @Sendable (Connection, Edge) -> any Conversation

    /// What administrators read.
    var name: String { subprotocol ?? "classic" }
}

/// The dialects of an instance.
struct DialectTable: Sendable {
    /// How the events of all dialects are shown.
    let encodings: EncodingTable
    /// Spoken with clients that ask for none of the others.
    private let standard: Dialect
    private let others: [Dialect]

    /// The dialects that clients can speak. This is where one is added.
    ///
    /// - Parameter compression: nil: it is off.
    init(compression: MessageCompression? = nil) {
        var encodings = EncodingTable(compression: compression)
        standard = .classic(in: &encodings)
        others = [
            .v2(in: &encodings)
        ]
        self.encodings = encodings
    }

    /// - Parameter subprotocols: those that a client offers. Of several that are known the server takes the one that comes
    ///   first in its own table.
    func dialect(offered subprotocols: [String]) -> Dialect {
        others.first { dialect in subprotocols.contains { $0 == dialect.subprotocol } } ?? standard
    }
}
