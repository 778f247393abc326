import HTTPTypes
import NIOHTTP1

/// The head of a request, without anything that leaves open who is asked or where the request ends.
///
/// NIO's parser refuses most of that (two lengths, a length beside chunks, a space before a colon). What it lets pass, or
/// notices only when it has told about the head, is refused here: a request that two programs read differently is how one
/// client gets the answer of another behind a proxy that shares connections.
struct IncomingRequest: Sendable {
    /// How much follows the head, as it announces.
    enum Body: Equatable, Sendable {
        case none
        /// So many bytes, one at least.
        case counted(Int)
        case chunked
    }

    let head: HTTPRequestHead
    let target: RequestTarget
    let body: Body

    /// - Throws: ``Refusal``; whatever follows such a head is not to be read.
    init(_ head: HTTPRequestHead) throws(Refusal) {
        guard head.method != .CONNECT else {
            throw Refusal(status: .notImplemented, text: "this server is no proxy")
        }
        body = try Self.body(of: head)
        target = try RequestTarget(head.uri, for: head.method)
        try Self.checkHost(of: head)
        self.head = head
    }

    var method: HTTPMethod { head.method }

    /// Whether the client means to ask more on this connection.
    var keepsAlive: Bool { !isOld && head.isKeepAlive }

    /// Whether it asks to speak another protocol from here on (RFC 9110 §7.8). NIO's parser reads nothing behind such a
    /// request.
    var asksForUpgrade: Bool { !isOld && head.headers.contains(name: "upgrade") && lists("connection", "upgrade") }

    /// Whether the client sends the body only when it is told that it may (RFC 9110 §10.1.1).
    var awaitsContinue: Bool { body != .none && !isOld && lists("expect", "100-continue") }

    /// HTTP/1.0 has neither persistent connections nor upgrades.
    private var isOld: Bool { Self.isOld(head) }

    // The parser takes neither HTTP/0 nor HTTP/2.
    private static func isOld(_ head: HTTPRequestHead) -> Bool { head.version.minor < 1 }

    /// Whether the header's comma-separated list has that word in it, whatever its case.
    func lists(_ header: String, _ word: String) -> Bool {
        head.headers[canonicalForm: header].contains { Self.isWord($0, word) }
    }

    /// Whether `text` is `word`, which is in lower case. Of ASCII only: to Unicode the Kelvin sign is a `k`, too.
    private static func isWord(_ text: Substring, _ word: String) -> Bool {
        text.utf8.allSatisfy { $0 < 0x80 } && text.lowercased() == word
    }

    /// RFC 9112 §6.3.
    private static func body(of head: HTTPRequestHead) throws(Refusal) -> Body {
        let codings = head.headers[canonicalForm: "transfer-encoding"]
        let lengths = head.headers["content-length"]
        // Also where the header is empty, which the parser takes for none and others do not.
        if head.headers.contains(name: "transfer-encoding") {
            guard !isOld(head), let last = codings.last, isWord(last, "chunked"), lengths.isEmpty else {
                throw .badRequest("it is not clear where the request ends")
            }
            guard codings.count == 1 else {
                throw Refusal(status: .notImplemented, text: "no transfer coding but chunked is understood")
            }
            return .chunked
        }
        guard let text = lengths.first else { return .none }
        guard lengths.count == 1, let length = Int(text), length >= 0 else {
            throw .badRequest("it is not clear where the request ends")
        }
        return length == 0 ? .none : .counted(length)
    }

    /// RFC 9112 §3.2: one `Host`, which only HTTP/1.0 may leave out.
    private static func checkHost(of head: HTTPRequestHead) throws(Refusal) {
        let hosts = head.headers["host"]
        guard hosts.count == 1 || (hosts.isEmpty && isOld(head)) else {
            throw .badRequest("a request has one Host header")
        }
        guard hosts.allSatisfy({ RequestTarget.isHost($0.utf8) }) else {
            throw .badRequest("the Host header is not valid")
        }
    }
}
