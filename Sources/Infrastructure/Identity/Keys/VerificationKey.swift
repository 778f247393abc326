import Crypto
import CryptoExtras
import Foundation
import Wire

/// A key with which signatures are verified, and the algorithms that belong to it. A pure value.
///
/// The algorithm is the key's business, never the token's alone: a token that says HS256 is not checked with the bytes of a
/// public key, which everybody knows.
struct VerificationKey: Sendable {
    private enum Material: Sendable {
        case secret(SymmetricKey)
        case rsa(_RSA.Signing.PublicKey)
        case p256(P256.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
    }

    /// The shortest secret, in bytes: as long as the digest (RFC 7518 §3.2).
    static let minimumSecretBytes = 32
    /// The longest modulus of an RSA key, in bytes: 8,192 bits, beyond which a signature takes milliseconds.
    private static let maximumModulusBytes = 1024

    private let material: Material
    private let algorithms: [SignatureAlgorithm]

    private init(_ material: Material) {
        self.material = material
        algorithms =
            switch material {
            case .secret: [.hs256]
            case .rsa: [.rs256, .ps256]
            case .p256: [.es256]
            case .ed25519: [.eddsa]
            }
    }

    private init?(_ material: Material, only algorithm: SignatureAlgorithm?) {
        let all = VerificationKey(material)
        guard let algorithm else {
            self = all
            return
        }
        guard all.algorithms.contains(algorithm) else { return nil }
        self.material = material
        algorithms = [algorithm]
    }

    func allows(_ algorithm: SignatureAlgorithm) -> Bool { algorithms.contains(algorithm) }

    /// Whether the signature is this key's, over these bytes.
    func verifies(_ token: CompactToken) -> Bool {
        guard allows(token.algorithm) else { return false }
        switch material {
        case .secret(let key):
            return HMAC<SHA256>.isValidAuthenticationCode(token.signature, authenticating: token.signed, using: key)
        case .rsa(let key):
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: token.signature), for: SHA256.hash(data: token.signed),
                padding: token.algorithm == .ps256 ? .PSS : .insecurePKCS1v1_5)
        case .p256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: token.signature) else {
                return false
            }
            return key.isValidSignature(signature, for: token.signed)
        case .ed25519(let key):
            return key.isValidSignature(token.signature, for: token.signed)
        }
    }
}

extension VerificationKey {
    /// - Parameter secret: ``minimumSecretBytes`` at least; nil for fewer.
    init?(secret: some Collection<UInt8>) {
        guard secret.count >= Self.minimumSecretBytes else { return nil }
        self.init(.secret(SymmetricKey(data: Array(secret))))
    }

    /// What signs these bytes with HS256. Empty for a key that is not a secret.
    func mac(of bytes: [UInt8]) -> [UInt8] {
        guard case .secret(let key) = material else { return [] }
        return Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
    }

    /// A public key in PEM: RSA of 2,048 bits or more, P-256, or Ed25519.
    init?(pem: String) {
        if let key = try? P256.Signing.PublicKey(pemRepresentation: pem) {
            self.init(.p256(key))
        } else if let key = try? Curve25519.Signing.PublicKey(pemRepresentation: pem) {
            self.init(.ed25519(key))
        } else if let key = try? _RSA.Signing.PublicKey(pemRepresentation: pem),
            key.keySizeInBits <= Self.maximumModulusBytes * 8
        {
            self.init(.rsa(key))
        } else {
            return nil
        }
    }

    /// A key of a JSON Web Key Set (RFC 7517).
    ///
    /// - Returns: nil for what verifies no signature that is accepted here: a key for encryption, a symmetric one (a set is
    ///   published, so that would be no secret), an unknown type or curve, a damaged key.
    init?(jwk: JSONObject) {
        if let use = jwk["use"], !Self.isText(use, "sig") { return nil }
        if case .array(let uses) = jwk["key_ops"], !uses.contains(where: { Self.isText($0, "verify") }) { return nil }
        var algorithm: SignatureAlgorithm?
        if case .text(let name) = jwk["alg"] {
            guard let named = SignatureAlgorithm(named: name) else { return nil }
            algorithm = named
        }
        guard let material = Self.material(of: jwk) else { return nil }
        self.init(material, only: algorithm)
    }

    private static func material(of jwk: JSONObject) -> Material? {
        guard case .text(let type) = jwk["kty"] else { return nil }
        switch type {
        case "RSA":
            guard let modulus = number(jwk, "n"), modulus.count <= maximumModulusBytes, let exponent = number(jwk, "e"),
                exponent.count <= 8
            else { return nil }
            return (try? _RSA.Signing.PublicKey(n: modulus, e: exponent)).map(Material.rsa)
        case "EC":
            guard let curve = jwk["crv"], isText(curve, "P-256"), let x = number(jwk, "x"), let y = number(jwk, "y"),
                x.count == 32, y.count == 32
            else { return nil }
            return (try? P256.Signing.PublicKey(x963Representation: [4] + x + y)).map(Material.p256)
        case "OKP":
            guard let curve = jwk["crv"], isText(curve, "Ed25519"), let x = number(jwk, "x") else { return nil }
            return (try? Curve25519.Signing.PublicKey(rawRepresentation: x)).map(Material.ed25519)
        default:
            return nil
        }
    }

    private static func number(_ jwk: JSONObject, _ key: String) -> [UInt8]? {
        if case .text(let text) = jwk[key] { Base64URL.decode(text.utf8) } else { nil }
    }

    private static func isText(_ value: JSONObject.Value, _ expected: String) -> Bool {
        if case .text(let text) = value { text == expected } else { false }
    }
}
