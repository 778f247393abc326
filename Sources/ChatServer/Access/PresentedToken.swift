import NIOHTTP1

/// The token that a request brings. There are three ways to bring one, because not every client can set every header.
enum PresentedToken {
    /// What stands before the token in a subprotocol: browsers can set no header of a WebSocket but this one.
    private static let subprotocolPrefix = "bearer."

    /// - Returns: nil if there is none. An empty text is none.
    /// - Throws: ``Refusal`` if the request has several that differ, or a query that cannot be read.
    static func of(_ request: Request) throws(Refusal) -> String? {
        let tokens =
            (authorization(of: request) + subprotocol(of: request) + [try request.query.value(of: "token") ?? ""])
            .filter { !$0.isEmpty }
        guard let token = tokens.first else { return nil }
        // By bytes: what is canonically equivalent is not the same token.
        guard tokens.allSatisfy({ $0.utf8.elementsEqual(token.utf8) }) else {
            throw .invalidToken("the request has several tokens that differ")
        }
        return token
    }

    /// Whether a subprotocol that a client offers is a token. It is never the one that the server selects.
    static func isToken(_ subprotocol: String) -> Bool { subprotocol.utf8.starts(with: subprotocolPrefix.utf8) }

    /// RFC 6750 §2.1. Other schemes are not this server's business: a proxy may ask for them.
    private static func authorization(of request: Request) -> [String] {
        request.headers["authorization"].compactMap { value in
            // The parser leaves the white space behind a value, which is no part of it (RFC 9110 §5.5).
            let end = value.utf8.lastIndex { $0 != 0x20 && $0 != 0x09 }.map(value.utf8.index(after:))
            let words = value[..<(end ?? value.startIndex)].split(separator: " ", maxSplits: 1)
            guard let scheme = words.first, scheme.isWord("bearer") else { return nil }
            return words.count > 1 ? String(words[1].drop { $0 == " " }) : ""
        }
    }

    private static func subprotocol(of request: Request) -> [String] {
        Handshake.offered(by: request).filter(isToken).map { String($0.dropFirst(subprotocolPrefix.count)) }
    }
}
