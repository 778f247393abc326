import HTTPTypes

/// The headers of the built-in pages that say what these may do, and who may embed them.
struct PagePolicy: Equatable, Sendable {
    /// The name of the one policy by which the pages make what browsers trust as the address of a script.
    static let trustedTypesPolicy = "chat"

    let headers: HTTPFields

    /// - Parameter frameAncestors: origins whose pages may show these pages in a frame; empty: nobody's may.
    init(frameAncestors: [String]) {
        let policy = [
            "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
            "manifest-src 'self'", "worker-src 'self'", "base-uri 'none'", "form-action 'none'",
            "frame-ancestors " + (frameAncestors.isEmpty ? "'none'" : frameAncestors.joined(separator: " ")),
            "require-trusted-types-for 'script'", "trusted-types \(Self.trustedTypesPolicy)",
        ]
        var headers: HTTPFields = [:]
        headers[.contentSecurityPolicy] = policy.joined(separator: "; ")
        headers[.xContentTypeOptions] = "nosniff"
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "no-referrer" }
        // For browsers that do not know frame-ancestors.
        if frameAncestors.isEmpty, let name = HTTPField.Name("X-Frame-Options") { headers[name] = "DENY" }
        self.headers = headers
    }
}
