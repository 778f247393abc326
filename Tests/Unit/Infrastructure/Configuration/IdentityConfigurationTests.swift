import Foundation
import InfrastructureIdentity
import Testing

@testable import InfrastructureConfiguration

struct IdentityConfigurationTests {
    private static let secret = String(repeating: "s", count: 32)

    private func load(_ environment: [String: String]) throws -> ChatConfiguration {
        try ChatConfiguration.load(path: nil, environment: environment)
    }

    private func refusal(_ environment: [String: String]) -> String {
        do {
            _ = try load(environment)
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    @Test func `a secret and an issuer are enough to ask for tokens`() throws {
        let configuration = try load(["JWT_SECRET": Self.secret, "JWT_ISSUER": "https://issuer.example"])
        #expect(configuration.isAuthenticationOn)
        var expected = IdentitySettings()
        expected.secret = Self.secret
        expected.rules.issuer = "https://issuer.example"
        #expect(configuration.identity == expected)
    }

    @Test(
        arguments: [
            ["JWT_SECRET": secret], ["JWT_PUBLIC_KEY_FILE": "/key.pem"], ["JWT_JWKS_FILE": "/keys.json"],
            ["JWT_JWKS_URL": "https://issuer.example/keys"],
        ])
    func `any key turns authentication on`(environment: [String: String]) throws {
        #expect(try load(environment).isAuthenticationOn)
        #expect(try !load([:]).isAuthenticationOn)
    }

    @Test(arguments: ["JWT_ISSUER", "JWT_AUDIENCE", "GUEST_PREFIX"])
    func `what only makes sense with a key is refused without one`(variable: String) {
        #expect(refusal([variable: "x"]).hasPrefix("\(variable.lowercased()): set, while there is no key for tokens; "))
        #expect(refusal([variable: "x", "JWT_SECRET": Self.secret]) == "accepted")
    }

    @Test func `a secret that is too short is refused and not repeated`() {
        let words = "jwt_secret: its value is not allowed; it must be empty, or a text of at least 32 bytes"
        #expect(refusal(["JWT_SECRET": String(repeating: "s", count: 31)]) == words)
        // By bytes, not by characters.
        #expect(refusal(["JWT_SECRET": String(repeating: "é", count: 16)]) == "accepted")
    }

    @Test func `a URL of keys is encrypted, and is not repeated`() {
        #expect(
            refusal(["JWT_JWKS_URL": "http://issuer.example/s3cret"])
                == "jwt_jwks_url: its value is not allowed; it must begin with https; http is allowed for 127.0.0.1, "
                + "[::1] and localhost only")
        #expect(!refusal(["JWT_JWKS_URL": "https://user:s3cret@issuer.example/"]).contains("s3cret"))
    }

    @Test(arguments: [("true", true), ("false", false)])
    func `whether tokens must expire is a flag`(text: String, flag: Bool) throws {
        #expect(try load(["JWT_REQUIRE_EXPIRY": text]).identity.rules.requiresExpiry == flag)
        let url = FileManager.default.temporaryDirectory.appending(path: "identity-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: url) }
        try Data("{\"jwt_require_expiry\":\(text)}".utf8).write(to: url)
        let configuration = try ChatConfiguration.load(path: url.path, environment: [:])
        #expect(configuration.identity.rules.requiresExpiry == flag)
    }

    @Test(arguments: ["", "yes", "1", "TRUE"])
    func `anything else is no flag`(text: String) {
        #expect(
            refusal(["JWT_REQUIRE_EXPIRY": text])
                == "jwt_require_expiry: \(text.debugDescription) is not allowed; it must be true or false")
    }

    @Test(arguments: ["a b", "\u{200B}", "e\u{301}", String(repeating: "x", count: 33)])
    func `names of guests begin as names can`(prefix: String) {
        let words = refusal(["GUEST_PREFIX": prefix, "JWT_SECRET": Self.secret])
        #expect(words.hasPrefix("guest_prefix: "))
    }
}
