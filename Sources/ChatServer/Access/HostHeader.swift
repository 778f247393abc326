import NIOHTTP1
import Wire

/// Whom a request asks (RFC 9112 §3.2).
enum HostHeader {
    /// Refuses what has not one `Host`, which only HTTP/1.0 may leave out.
    static func check(_ head: HTTPRequestHead) throws(Refusal) {
        let hosts = head.headers["host"]
        guard hosts.count == 1 || (hosts.isEmpty && head.version.isOld) else {
            throw .badRequest("a request has one Host header")
        }
        guard hosts.allSatisfy({ isValid($0.utf8) }) else {
            throw .badRequest("the Host header is not valid")
        }
    }

    /// Whether `text` can be a `Host`, with a port or without: the bytes of RFC 3986 §3.2.2. An empty one can (RFC 9110
    /// §7.2).
    static func isValid(_ text: some Sequence<UInt8>) -> Bool {
        text.allSatisfy { PercentCoding.isLetterOrDigit($0) || punctuation.contains($0) }
    }

    private static let punctuation = Array("-._~%!$&'()*+,;=:[]".utf8)
}
