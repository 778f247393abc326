import HTTPTypes
import NIOHTTP1
import Wire

/// A request, made once of its head, without anything that leaves open who is asked or where the request ends.
///
/// NIO's parser refuses most of that (two lengths, a length beside chunks, a space before a colon). What it lets pass, or
/// notices only when it has told about the head, is refused here: if two programs read a request differently, one client
/// can get the answer of another behind a proxy that shares connections.
///
/// Everything that decides about a request looks at this value, and at nothing else of the connection.
struct Request: Sendable {
    /// As the parser has read it. NIO wants it again for its answer to an upgrade.
    let head: HTTPRequestHead
    let source: RequestSource
    /// Who has sent it, as far as proxies that are trusted tell. Nil where the system does not even know the peer.
    let client: IPAddress?
    let body: RequestBody
    /// The host that the target itself names, in the absolute form; it may be another than that of the header.
    let authority: String?
    let path: String
    let query: Query
    /// The body's bytes, where ``wantsContent`` is true and they are there.
    var content: [UInt8] = []

    /// Whether what is asked for needs the body. Any other is read and dropped.
    let wantsContent: Bool

    /// - Throws: ``Refusal``; whatever follows such a head is not to be read.
    init(_ head: HTTPRequestHead, from source: RequestSource) throws(Refusal) {
        guard head.method != .CONNECT else {
            throw Refusal(status: .notImplemented, text: "this server is no proxy")
        }
        body = try RequestBody(head)
        let target = try RequestTarget(head.uri, for: head.method)
        try HostHeader.check(head)
        authority = target.authority
        path = target.path
        query = Query(target.query)
        wantsContent = head.method == .POST && AdminRoute(path: target.path)?.isChange == true
        self.head = head
        self.source = source
        client = source.client(of: head.headers)
    }

    var method: HTTPMethod { head.method }

    var headers: HTTPHeaders { head.headers }

    /// Whether the client means to ask more on this connection.
    var keepsAlive: Bool { !head.version.isOld && head.isKeepAlive }

    /// Whether it asks to speak another protocol from here on (RFC 9110 §7.8). NIO's parser reads nothing behind such a
    /// request.
    var asksForUpgrade: Bool {
        !head.version.isOld && headers.contains(name: "upgrade") && lists("connection", "upgrade")
    }

    /// Whether the client sends the body only when it is told that it may (RFC 9110 §10.1.1).
    var awaitsContinue: Bool { body != .none && !head.version.isOld && lists("expect", "100-continue") }

    /// Whether the header's comma-separated list has that word in it, whatever its case.
    func lists(_ header: String, _ word: String) -> Bool {
        headers[canonicalForm: header].contains { $0.isWord(word) }
    }
}

extension Substring {
    /// Whether it is `word`, which is in lower case. Of ASCII only: to Unicode the Kelvin sign is a `k`, too.
    func isWord(_ word: String) -> Bool { utf8.allSatisfy { $0 < 0x80 } && lowercased() == word }
}

extension HTTPVersion {
    /// HTTP/1.0, which has neither persistent connections nor upgrades. The parser takes neither HTTP/0 nor HTTP/2.
    var isOld: Bool { minor < 1 }
}
