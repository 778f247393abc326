import Crypto
import Domain
import Wire

@testable import InfrastructureIdentity

extension FuzzTarget {
    /// The secret that signs the tokens in the corpus.
    private static let secret = Array("a secret for the fuzzer, of thirty-two bytes and more".utf8)

    /// Tokens. A token that was changed in any way is refused: there is one spelling of each.
    static let token = FuzzTarget("token", maximumBytes: 4096) { input in
        let text = String(decoding: input, as: UTF8.self)
        if let bytes = Base64URL.decode(text.utf8) {
            try requireSame(Base64URL.encode(bytes), text, "two spellings of the same bytes")
        }
        guard let token = try? CompactToken(text) else { return }
        try require(text.utf8.count <= CompactToken.maximumBytes, "a token that is too long")
        var rules = TokenRules()
        rules.requiresExpiry = false
        // Whether its signature is right or not: what the claims say is read in any case here.
        _ = try? rules.principal(of: token.claims, at: Timestamp(millisecondsSince1970: 1_800_000_000_000))
        guard let key = VerificationKey(secret: secret), key.verifies(token) else { return }
        let spelling = String(decoding: token.signed, as: UTF8.self) + "." + Base64URL.encode(key.mac(of: token.signed))
        try require(token.algorithm == .hs256, "a secret verifies another algorithm")
        try require(spelling.utf8.elementsEqual(text.utf8), "two spellings of a token that counts")
    }

    /// Sets of keys, and keys in PEM.
    static let keys = FuzzTarget("keys", maximumBytes: 8192) { input in
        if let keys = try? PublishedKeys(input) {
            try require(keys.digest == SHA256.hash(data: input), "the digest is another text's")
        }
        _ = VerificationKey(pem: String(decoding: input, as: UTF8.self))
    }
}
