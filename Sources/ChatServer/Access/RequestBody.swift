import HTTPTypes
import NIOHTTP1

/// How much follows a request's head, as the head announces.
enum RequestBody: Equatable, Sendable {
    case none
    /// So many bytes, one at least.
    case counted(Int)
    case chunked

    /// RFC 9112 §6.3.
    init(_ head: HTTPRequestHead) throws(Refusal) {
        let codings = head.headers[canonicalForm: "transfer-encoding"]
        let lengths = head.headers["content-length"]
        // Also where the header is empty, which the parser takes for none and others do not.
        if head.headers.contains(name: "transfer-encoding") {
            guard !head.version.isOld, let last = codings.last, last.isWord("chunked"), lengths.isEmpty else {
                throw .badRequest("it is not clear where the request ends")
            }
            guard codings.count == 1 else {
                throw Refusal(status: .notImplemented, text: "no transfer coding but chunked is understood")
            }
            self = .chunked
            return
        }
        guard let text = lengths.first else {
            self = .none
            return
        }
        guard lengths.count == 1, let length = Int(text), length >= 0 else {
            throw .badRequest("it is not clear where the request ends")
        }
        self = length == 0 ? .none : .counted(length)
    }
}
