import Domain
import Service

/// All keys that tokens may be signed with now. A pure value.
struct KeyRing: Sendable {
    /// What a token's signature came to.
    enum Verdict: Equatable, Sendable {
        case verified
        /// There are keys for it, and it is none of theirs.
        case wrong
        /// The key that the token names is there, but not for the token's algorithm.
        case foreignAlgorithm
        /// The token names a key that is not there.
        case unknownKey
    }

    /// The secret and the key of the PEM file. They have no ids.
    let fixed: [VerificationKey]
    /// Whether there are sets of keys beside them, so that an id says something.
    let hasSets: Bool
    /// Those of the file `jwt_jwks_file`.
    var filed = PublishedKeys.none
    /// Those of `jwt_jwks_url`.
    var fetched = PublishedKeys.none

    /// Whether a set has a key of this id; of no id, whether a set has a key without one.
    func knows(_ id: ExactText?) -> Bool { filed.keys(id) != nil || fetched.keys(id) != nil }

    func verdict(on token: CompactToken) -> Verdict {
        let named = [filed, fetched].compactMap { $0.keys(token.keyID) }.joined()
        let candidates = (fixed + named).filter { $0.allows(token.algorithm) }
        if candidates.contains(where: { $0.verifies(token) }) { return .verified }
        guard candidates.isEmpty else { return .wrong }
        // A secret is in no set.
        return hasSets && token.algorithm != .hs256 && !knows(token.keyID) ? .unknownKey : .foreignAlgorithm
    }
}

extension KeyRing.Verdict {
    /// What the token's holder is told; nil where it is verified.
    var error: AuthenticationError? {
        switch self {
        case .verified: nil
        case .wrong: AuthenticationError("the token's signature is wrong")
        case .foreignAlgorithm: AuthenticationError("the token's algorithm does not belong to a key that is known here")
        case .unknownKey: AuthenticationError("the token's key is not known here")
        }
    }
}
