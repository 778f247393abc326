public import Domain

/// A revocation, and until when it has to be remembered. A pure value.
public struct RevocationEntry: Hashable, Sendable {
    public let revocation: Revocation
    /// When all tokens that it names have expired by themselves.
    public let until: Timestamp

    public init(_ revocation: Revocation, until: Timestamp) {
        self.revocation = revocation
        self.until = until
    }
}

extension Revocation {
    /// Greatest length of a token's id that can be revoked, in bytes of UTF-8.
    public static let maximumTokenIDBytes = 1024

    /// The revocation as the stores keep it: `jti <id>` or `user <second> <name>`. Two texts are equal where both
    /// revocations are.
    public var text: String {
        switch self {
        case .token(let id): "jti " + id.text
        case .tokens(let username, let issuedBefore): "user \(issuedBefore) \(username.text)"
        }
    }

    /// Reads what ``text`` writes; nil for anything else.
    public init?(text: String) {
        // By bytes: a combining mark behind a space would belong to it.
        let parts = text.utf8.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let rest = Substring(parts[1])
        switch String(Substring(parts[0])) {
        case "jti":
            guard (1...Self.maximumTokenIDBytes).contains(rest.utf8.count) else { return nil }
            self = .token(id: ExactText(String(rest)))
        case "user":
            let words = rest.utf8.split(
                separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
            guard words.count == 2, let issuedBefore = Int64(Substring(words[0])),
                let username = try? Username(String(Substring(words[1])))
            else { return nil }
            self = .tokens(of: username, issuedBefore: issuedBefore)
        default:
            return nil
        }
    }
}
