import NIOCore
import Wire

/// The header with which a proxy begins a connection to say for whom it is: the PROXY protocol, versions 1 and 2 (haproxy's
/// doc/proxy-protocol.txt). A pure reader of bytes; nothing in it traps, whatever they are.
enum ProxyHeader: Equatable {
    /// More bytes have to come.
    case incomplete
    /// The header is complete after so many bytes. The client is nil where the proxy speaks for itself (LOCAL), or says that
    /// it does not know (UNKNOWN, UNSPEC).
    case complete(client: IPAddress?, bytes: Int)
    case malformed

    /// Of version 1, the line's end included.
    static let maximumLineBytes = 107
    /// Of version 2 behind the first 16 bytes. The protocol allows 65,535; what proxies send is a few hundred.
    static let maximumRestBytes = 4096

    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    private static let word = Array("PROXY ".utf8)

    /// - Parameter bytes: all that has come since the connection began.
    init(_ bytes: ByteBufferView) {
        if bytes.starts(with: Self.signature) {
            self = Self.binary(bytes)
        } else if bytes.starts(with: Self.word) {
            self = Self.line(bytes)
        } else {
            let begun = Self.signature.starts(with: bytes) || Self.word.starts(with: bytes)
            self = begun ? .incomplete : .malformed
        }
    }

    // MARK: Version 1

    private static func line(_ bytes: ByteBufferView) -> ProxyHeader {
        let most = bytes.prefix(maximumLineBytes)
        guard let feed = most.firstIndex(of: 0x0A) else {
            return bytes.count < maximumLineBytes ? .incomplete : .malformed
        }
        let line = most[..<feed]
        guard line.last == 0x0D, line.allSatisfy({ $0 < 0x80 }) else { return .malformed }
        let count = line.count + 1
        let words = String(decoding: line.dropLast(), as: UTF8.self).split(
            separator: " ", omittingEmptySubsequences: false)
        guard words.count > 1 else { return .malformed }
        if words[1] == "UNKNOWN" { return .complete(client: nil, bytes: count) }
        guard words.count == 6, let source = IPAddress(words[2]), let destination = IPAddress(words[3]),
            isPort(words[4]), isPort(words[5])
        else { return .malformed }
        switch words[1] {
        case "TCP4" where !words[2].contains(":") && !words[3].contains(":") && destination.isIPv4:
            return .complete(client: source, bytes: count)
        case "TCP6" where words[2].contains(":") && words[3].contains(":"):
            return .complete(client: source, bytes: count)
        default: return .malformed
        }
    }

    private static func isPort(_ word: Substring) -> Bool {
        (1...5).contains(word.utf8.count) && word.utf8.allSatisfy { (0x30...0x39).contains($0) }
            && Int(word).map { $0 <= 65_535 } ?? false
    }

    // MARK: Version 2

    private static func binary(_ bytes: ByteBufferView) -> ProxyHeader {
        let head = Array(bytes.prefix(16))
        // Version and command: LOCAL or PROXY of version 2.
        guard head.count > 12 else { return .incomplete }
        guard head[12] == 0x20 || head[12] == 0x21 else { return .malformed }
        guard head.count == 16 else { return .incomplete }
        let length = Int(head[14]) << 8 | Int(head[15])
        guard length <= maximumRestBytes else { return .malformed }
        let rest = bytes.dropFirst(16).prefix(length)
        guard rest.count == length else { return .incomplete }
        let total = 16 + length
        // With LOCAL nothing else in the header means anything.
        if head[12] == 0x20 { return .complete(client: nil, bytes: total) }
        guard let needed = addresses(head[13]), needed.total <= length else { return .malformed }
        // Behind the addresses are extensions, which say nothing that is needed here.
        return .complete(client: needed.source > 0 ? IPAddress(bytes: rest.prefix(needed.source)) : nil, bytes: total)
    }

    /// How many bytes a family's addresses and ports take, and the source's address of them if it can be told.
    private static func addresses(_ family: UInt8) -> (total: Int, source: Int)? {
        switch family {
        case 0x00: (0, 0)
        case 0x11: (12, 4)
        case 0x21: (36, 16)
        case 0x12: (12, 0)  // datagrams and local sockets: there is no client's address of a connection
        case 0x22: (36, 0)
        case 0x31, 0x32: (216, 0)
        default: nil
        }
    }
}
