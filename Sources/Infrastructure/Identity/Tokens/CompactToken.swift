import Domain
import Service
import Wire

/// A token as it came (RFC 7515 §3.1), read but not verified. A pure value.
///
/// It is read once, in time that follows its length, and its length is bounded.
struct CompactToken {
    /// The greatest length of a token in bytes: as much as an HTTP header may have.
    static let maximumBytes = 16_384
    /// The greatest length of a key's id in bytes.
    private static let maximumKeyIDBytes = 512

    let algorithm: SignatureAlgorithm
    /// The header's `kid`.
    let keyID: ExactText?
    /// What is signed: the first two parts, with the dot between them.
    let signed: [UInt8]
    let signature: [UInt8]
    /// The JSON of the claims.
    let claims: JSONObject

    /// - Throws: ``AuthenticationError`` that says what is wrong, without a part of the token.
    init(_ text: String) throws(AuthenticationError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw AuthenticationError("the token is too long: at most \(Self.maximumBytes) bytes")
        }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw Self.malformed }
        let header = try Self.object(parts[0])
        guard header["crit"] == nil, header["b64"] == nil else {
            throw AuthenticationError("the token needs an extension that is not supported (crit)")
        }
        guard case .text(let name) = header["alg"] else { throw Self.malformed }
        guard let algorithm = SignatureAlgorithm(named: name) else {
            throw AuthenticationError("the token's algorithm is not accepted")
        }
        guard let signature = Base64URL.decode(parts[2]) else { throw Self.malformed }
        self.algorithm = algorithm
        self.signature = signature
        keyID = try Self.keyID(of: header)
        signed = Array(text.utf8[..<parts[1].endIndex])
        claims = try Self.object(parts[1])
    }

    private static func keyID(of header: JSONObject) throws(AuthenticationError) -> ExactText? {
        switch header["kid"] {
        case nil: return nil
        case .text(let id) where id.utf8.count <= maximumKeyIDBytes: return ExactText(id)
        default: throw malformed
        }
    }

    /// Names of fields are unique (RFC 7515 §4, RFC 7519 §4): of two, another reader could take the other.
    private static func object(_ part: Substring.UTF8View) throws(AuthenticationError) -> JSONObject {
        guard let bytes = Base64URL.decode(part), let object = try? JSONObject(bytes, keepingNested: true),
            Set(object.fields.map { ExactText($0.key) }).count == object.fields.count
        else { throw malformed }
        return object
    }

    private static let malformed = AuthenticationError("the token is not a well-formed signed JSON Web Token")
}
