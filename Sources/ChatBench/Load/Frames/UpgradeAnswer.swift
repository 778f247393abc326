/// A server's answer to an upgrade: the parts of its head that say whether there is a WebSocket now.
///
/// It is read byte by byte in place. With strings and searches, heads took a fifth of the load generator's time for
/// opening a connection.
struct UpgradeAnswer: Equatable {
    /// A longer head is refused.
    static let maximumBytes = 16 << 10

    /// Nil if the first line has none.
    private(set) var status: Int?
    /// The value of `Sec-WebSocket-Accept`.
    private(set) var accept = ""
    /// The value of `Sec-WebSocket-Protocol`.
    private(set) var subprotocol = ""
    /// Whether `Sec-WebSocket-Extensions` names permessage-deflate.
    private(set) var compresses = false
    /// The head's length in bytes; frames begin after it.
    private(set) var count = 0

    /// - Returns: nil if the head has not ended.
    init?(_ bytes: UnsafeRawBufferPointer) {
        let bytes = bytes.prefix(Self.maximumBytes)
        var start = bytes.startIndex
        var isFirst = true
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            var line = bytes[start..<end]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            start = end + 1
            if line.isEmpty, !isFirst {
                count = start
                return
            }
            if isFirst { status = Self.status(line) } else { read(line) }
            isFirst = false
        }
        return nil
    }

    /// `HTTP/1.1 101 Switching Protocols`
    private static func status(_ line: Slice<UnsafeRawBufferPointer>) -> Int? {
        let digits = line.dropFirst(9).prefix(3)
        guard line.starts(with: "HTTP/1.".utf8), digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else {
            return nil
        }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private mutating func read(_ line: Slice<UnsafeRawBufferPointer>) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = line[..<colon]
        if Self.isName(name, "sec-websocket-accept") {
            accept = Self.value(line[colon...])
        } else if Self.isName(name, "sec-websocket-protocol") {
            subprotocol = Self.value(line[colon...])
        } else if Self.isName(name, "sec-websocket-extensions") {
            compresses = Self.value(line[colon...]).hasPrefix("permessage-deflate")
        }
    }

    /// Field names are case-insensitive.
    private static func isName(_ name: Slice<UnsafeRawBufferPointer>, _ lowercase: StaticString) -> Bool {
        name.count == lowercase.utf8CodeUnitCount
            && zip(name, UnsafeBufferPointer(start: lowercase.utf8Start, count: name.count)).allSatisfy {
                $0 | 0x20 == $1 | 0x20
            }
    }

    private static func value(_ rest: Slice<UnsafeRawBufferPointer>) -> String {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var value = rest.dropFirst().drop(while: isSpace)
        while let last = value.last, isSpace(last) { value.removeLast() }
        return String(decoding: value, as: UTF8.self)
    }
}
