import NIOHTTP1

/// Which codings of an answer a client takes (RFC 9110 §12.5.3).
enum AcceptedCoding {
    /// Whether the client takes gzip: it names it, or everything, and not with the weight zero.
    static func takesGzip(_ headers: HTTPHeaders) -> Bool {
        var any = false
        for item in headers[canonicalForm: "accept-encoding"] {
            let parts = item.split(separator: ";").map { part in part.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let name = parts.first else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if name == "gzip" || name == "x-gzip" { return weight > 0 }
            if name == "*" { any = weight > 0 }
        }
        return any
    }
}
