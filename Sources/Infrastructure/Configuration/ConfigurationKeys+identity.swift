import Domain
import InfrastructureIdentity

/// The keys that say who somebody is.
extension ConfigurationKey {
    static var identity: [ConfigurationKey] {
        [
            .text("jwt_secret", \.identity.secret, allowed: "empty, or a text of at least 32 bytes") {
                $0.isEmpty || IdentitySettings.isLongEnough(secret: $0)
            },
            .path("jwt_public_key_file", \.identity.publicKeyFile),
            .path("jwt_jwks_file", \.identity.keySetFile),
            .keySetURL("jwt_jwks_url", \.identity.keySetURL),
            .text("jwt_issuer", \.identity.rules.issuer, allowed: "a text") { _ in true },
            .text("jwt_audience", \.identity.rules.audience, allowed: "a text") { _ in true },
            .text("jwt_username_claim", \.identity.rules.usernameClaim, allowed: "the name of a claim") { !$0.isEmpty },
            .integer("jwt_leeway_seconds", \.identity.rules.leewaySeconds, 0...3600),
            .flag("jwt_require_expiry", \.identity.rules.requiresExpiry),
            .text("guest_prefix", \.identity.rules.guestPrefix, allowed: "empty, or the beginning of a username") {
                // In form C, as the names are that begin with it.
                $0.isEmpty || (try? Username($0))?.text.utf8.elementsEqual($0.utf8) == true
            },
        ]
    }

    static func flag(_ name: String, _ path: WritableKeyPath<ChatConfiguration, Bool>) -> ConfigurationKey {
        ConfigurationKey(name: name) { configuration, value throws(ConfigurationError) in
            guard let flag = value.flag else { throw .refused(name, value, allowed: "true or false") }
            configuration[keyPath: path] = flag
        }
    }

    private static func keySetURL(
        _ name: String, _ path: WritableKeyPath<ChatConfiguration, KeySetURL?>
    ) -> ConfigurationKey {
        ConfigurationKey(name: name) { configuration, value throws(ConfigurationError) in
            do throws(KeySetURLError) {
                guard let text = value.text else { throw KeySetURLError.malformed }
                configuration[keyPath: path] = text.isEmpty ? nil : try KeySetURL(text)
            } catch {
                throw ConfigurationError("\(name): its value is not allowed; it \(error)")
            }
        }
    }
}

extension ChatConfiguration {
    /// What only makes sense beside a key is a mistake without one: whoever sets it believes that tokens are asked for.
    func checkIdentity() throws(ConfigurationError) {
        guard !isAuthenticationOn else { return }
        let rules = identity.rules
        let set = [
            ("jwt_issuer", rules.issuer), ("jwt_audience", rules.audience), ("guest_prefix", rules.guestPrefix),
        ].first { !$0.1.isEmpty }
        guard let (key, _) = set else { return }
        throw ConfigurationError(
            "\(key): set, while there is no key for tokens; that takes one of jwt_secret, jwt_public_key_file, "
                + "jwt_jwks_file, jwt_jwks_url")
    }
}
