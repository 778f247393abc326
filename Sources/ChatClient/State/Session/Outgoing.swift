/// One line on its way to the server.
struct Outgoing: Equatable, Sendable {
    let request: Request
    /// As it was typed.
    let line: String
    /// The message's random id (``MessageID``), by which the server recognises a retry.
    let id: String
    /// When it was handed to the transport on this connection.
    var sentAt: Duration?
    /// Whether its outcome is unknown, because a connection ended or the server failed before it answered.
    var isUncertain = false
    /// Whether the user was told that it waits.
    var isShownWaiting = false

    init(_ request: Request, line: String, id: String) {
        self.request = request
        self.line = line
        self.id = id
    }

    /// The approximate size in memory, in bytes.
    var cost: Int { line.utf8.count + 128 }
}

/// Makes message ids.
enum MessageID {
    /// 128 bits from the system's random number generator, as 32 hexadecimal digits.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for _ in 0..<2 {
            var bits = generator.next()
            for _ in 0..<16 {
                text.append(digits[Int(bits & 0xF)])
                bits >>= 4
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
