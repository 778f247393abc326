import Crypto
import Domain
import Wire

/// The keys of a JSON Web Key Set, by their ids. A pure value.
struct PublishedKeys: Sendable {
    /// The greatest length of a set, in bytes.
    static let maximumBytes = 256 << 10
    /// The most keys that are read of a set.
    static let maximumKeys = 256

    /// Two keys of different types may have the same id (RFC 7517 §4.5).
    private var byID: [ExactText: [VerificationKey]] = [:]
    /// Keys without an id: for tokens that name none.
    private var unnamed: [VerificationKey] = []

    /// Of the text that was read; nil for ``none``.
    private(set) var digest: SHA256Digest?

    static let none = PublishedKeys()

    private init() {}

    /// Reads a set. Keys that cannot be used are passed over, since issuers publish keys for other purposes beside them.
    ///
    /// - Throws: ``KeySetError`` for what is no set, or has no key that can be used.
    init(_ json: some Collection<UInt8>) throws(KeySetError) {
        guard json.count <= Self.maximumBytes else { throw .tooLong }
        guard let set = try? JSONObject(json, keepingNested: true), case .array(let values) = set["keys"] else {
            throw .malformed
        }
        for case .object(let jwk) in values.prefix(Self.maximumKeys) {
            guard let key = VerificationKey(jwk: jwk) else { continue }
            if case .text(let id) = jwk["kid"] {
                byID[ExactText(id), default: []].append(key)
            } else {
                unnamed.append(key)
            }
        }
        guard !byID.isEmpty || !unnamed.isEmpty else { throw .empty }
        digest = SHA256.hash(data: Array(json))
    }

    /// - Parameter id: nil for a token that names no key.
    /// - Returns: nil where no key has this id.
    func keys(_ id: ExactText?) -> [VerificationKey]? {
        guard let id else { return unnamed.isEmpty ? nil : unnamed }
        return byID[id]
    }
}

/// Why something cannot serve as a set of keys; the end of a sentence that begins with what was read.
enum KeySetError: Error, Equatable, CustomStringConvertible {
    case tooLong
    case malformed
    case empty
    case unreadable

    var description: String {
        switch self {
        case .tooLong: "is longer than \(PublishedKeys.maximumBytes) bytes"
        case .malformed: "is not a JSON Web Key Set"
        case .empty: "has no key that can verify a token (RSA of 2048 bits or more, P-256 or Ed25519)"
        case .unreadable: "cannot be read; is the path right, and may the server read it?"
        }
    }
}
