extension Dialect {
    /// No dialect of the chat: what a client says is said to it again. It reads no topics, so that its encoding is only
    /// there because a connection has one.
    static func echo(in dialects: DialectTable) -> Dialect {
        Dialect(subprotocol: "echo", encoding: dialects.dialect(offered: []).encoding) { connection, _ in
            EchoConversation(connection)
        }
    }
}
