import InfrastructureFiles

/// Where the keys come from that tokens are verified with, and what tokens must say.
public struct IdentitySettings: Equatable, Sendable {
    /// `jwt_secret`; empty: none.
    public var secret = ""
    /// `jwt_public_key_file`; empty: none.
    public var publicKeyFile = ""
    /// `jwt_jwks_file`; empty: none.
    public var keySetFile = ""
    /// `jwt_jwks_url`.
    public var keySetURL: KeySetURL?
    public var rules = TokenRules()

    public init() {}

    /// Whether there is any key, or a place to get one from.
    public var hasKeys: Bool { !secret.isEmpty || !publicKeyFile.isEmpty || !keySetFile.isEmpty || keySetURL != nil }

    /// Whether a secret is long enough to sign with.
    public static func isLongEnough(secret: String) -> Bool { secret.utf8.count >= VerificationKey.minimumSecretBytes }

    /// Reads the files and forgets what is in them.
    ///
    /// - Throws: ``IdentityError`` for a file that cannot be read, or holds no key.
    public func checkFiles() throws(IdentityError) { _ = try keyRing() }

    /// Reads the files.
    ///
    /// - Throws: ``IdentityError`` for a file that cannot be read, or holds no key.
    func keyRing() throws(IdentityError) -> KeyRing {
        var fixed: [VerificationKey] = []
        if !secret.isEmpty {
            guard let key = VerificationKey(secret: secret.utf8) else {
                throw IdentityError("jwt_secret: has fewer than \(VerificationKey.minimumSecretBytes) bytes")
            }
            fixed.append(key)
        }
        if !publicKeyFile.isEmpty { fixed.append(try publicKey()) }
        var ring = KeyRing(fixed: fixed, hasSets: !keySetFile.isEmpty || keySetURL != nil)
        if !keySetFile.isEmpty {
            do throws(KeySetError) {
                ring.filed = try Self.keySet(at: keySetFile)
            } catch {
                throw IdentityError("jwt_jwks_file: \(keySetFile) \(error)")
            }
        }
        return ring
    }

    private func publicKey() throws(IdentityError) -> VerificationKey {
        guard let bytes = SmallFile.bytes(at: publicKeyFile, atMost: 64 << 10) else {
            throw IdentityError(
                "jwt_public_key_file: \(publicKeyFile) cannot be read; is the path right, and may the server read it?")
        }
        guard let key = VerificationKey(pem: String(decoding: bytes, as: UTF8.self)) else {
            throw IdentityError(
                "jwt_public_key_file: \(publicKeyFile) holds no public key in PEM format that is RSA (2048 bits or more), "
                    + "P-256 or Ed25519")
        }
        return key
    }

    static func keySet(at path: String) throws(KeySetError) -> PublishedKeys {
        guard let bytes = SmallFile.bytes(at: path, atMost: PublishedKeys.maximumBytes + 1) else { throw .unreadable }
        return try PublishedKeys(bytes)
    }
}

/// Why tokens cannot be verified with these settings: one line that names the key of the configuration.
public struct IdentityError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
