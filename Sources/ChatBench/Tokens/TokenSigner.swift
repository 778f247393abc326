import Crypto
import Foundation
import Wire

/// Makes a token (a JWT of RFC 7519) for each user of a run, signed with HS256 and the server's `jwt_secret`.
struct TokenSigner: Sendable {
    /// Servers refuse to start with a shorter secret.
    static let minimumSecretBytes = 32
    /// No run is longer.
    static let lifetime: Int64 = 86_400

    private static let header = encoded(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))

    private let key: SymmetricKey
    private let issuedAt: Int64

    /// - Parameters:
    ///   - secret: at least ``minimumSecretBytes`` bytes.
    ///   - issuedAt: seconds since 1970; all tokens are issued then.
    init(secret: String, issuedAt: Int64) {
        key = SymmetricKey(data: Array(secret.utf8))
        self.issuedAt = issuedAt
    }

    func token(for user: String) -> String {
        var claims = JSONObjectWriter()
        claims.add("sub", user)
        claims.add("iat", issuedAt)
        claims.add("exp", issuedAt + Self.lifetime)
        let content = "\(Self.header).\(Self.encoded(claims.finish()))"
        let signature = HMAC<SHA256>.authenticationCode(for: Array(content.utf8), using: key)
        return "\(content).\(Self.encoded(Array(signature)))"
    }

    /// Base64url without padding (RFC 7515 §2).
    private static func encoded(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
