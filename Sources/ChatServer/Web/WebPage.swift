import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1

/// One of the built-in files, ready to be sent: compressed once, when the server starts.
struct WebPage: Sendable {
    /// The same file in one coding.
    struct Representation: Sendable {
        let tag: EntityTag
        let body: ByteBuffer
    }

    let type: String
    let plain: Representation
    /// Nil if it is no smaller.
    let gzip: Representation?

    init(_ bytes: [UInt8], type: String) {
        self.type = type
        plain = Representation(tag: EntityTag(bytes), body: ByteBuffer(bytes: bytes))
        let compressed = MediaType.isCompressible(type) ? Gzip.compress(bytes) : nil
        gzip = compressed.flatMap { compressed in
            guard compressed.count < bytes.count else { return nil }
            // Of what is compressed: another zlib makes other bytes.
            return Representation(tag: EntityTag(compressed, coding: "gzip"), body: ByteBuffer(bytes: compressed))
        }
    }

    /// The answer to a request for it. One to HEAD is the same; its body is left out when it is written.
    func response(to request: Request, policy: PagePolicy) -> Response {
        let coded = AcceptedCoding.takesGzip(request.headers) ? gzip : nil
        let chosen = coded ?? plain
        var headers = policy.headers
        headers[.eTag] = chosen.tag.text
        headers[.vary] = "Accept-Encoding"
        guard !chosen.tag.isNamed(in: request.headers["if-none-match"]) else {
            return Response(status: .notModified, headers: headers.cached)
        }
        headers[.contentType] = type
        if coded != nil { headers[.contentEncoding] = "gzip" }
        return Response(status: .ok, headers: headers.cached, body: chosen.body)
    }
}

extension HTTPFields {
    /// With the word that caches may keep the answer, and have to ask each time whether it is still the one.
    var cached: HTTPFields {
        var headers = self
        headers[.cacheControl] = "no-cache"
        return headers
    }
}

extension Response {
    /// An answer with these headers only, but for those that HTTP itself wants.
    init(
        status: HTTPResponse.Status, headers: HTTPFields, body: ByteBuffer = ByteBuffer(), isForeignPage: Bool = false
    ) {
        self.init("", type: "", status: status)
        self.isForeignPage = isForeignPage
        self.headers = headers
        self.body = body
    }
}
