import Domain
import Service
import Testing
import Wire

@testable import InfrastructureIdentity

/// Which key verifies which token. The tokens were made by PyJWT.
struct KeyRingTests {
    private let fixture: TokenFixture
    private let published: PublishedKeys

    init() throws {
        fixture = try TokenFixture.shared.get()
        published = try PublishedKeys(try TokenFixture.keySet())
    }

    private var secret: VerificationKey { get throws { try #require(VerificationKey(secret: fixture.secret.utf8)) } }

    private func pem(_ name: String) throws -> VerificationKey {
        try #require(fixture.pem[name].flatMap { VerificationKey(pem: $0) })
    }

    private var sets: KeyRing { KeyRing(fixed: [], hasSets: true, filed: published) }

    @Test(
        arguments: [
            ("HS256", nil), ("RS256", "rsa"), ("PS256", "rsa"), ("ES256", "p256"), ("EdDSA", "ed25519"),
        ] as [(String, String?)])
    func `each algorithm is verified with its key, and with no other`(algorithm: String, key: String?) throws {
        let text = try #require(fixture.tokens[algorithm])
        let token = try CompactToken(text)
        let own = KeyRing(fixed: [try key.map(pem) ?? secret], hasSets: false)
        #expect(own.verdict(on: token) == .verified)
        let others = try ["rsa", "p256", "ed25519"].filter { $0 != key }.map(pem) + (key == nil ? [] : [secret])
        #expect(KeyRing(fixed: others, hasSets: false).verdict(on: token) == .foreignAlgorithm)
        let principal = try TokenRules().principal(of: token.claims, at: TokenFixture.now)
        #expect(principal == (try TokenFixture.principal()))
    }

    @Test(arguments: ["HS256", "RS256", "PS256", "ES256", "EdDSA"])
    func `a changed token is verified by nothing`(algorithm: String) throws {
        let text = try #require(fixture.tokens[algorithm])
        let parts = text.split(separator: ".").map(String.init)
        let ring = KeyRing(fixed: try ["rsa", "p256", "ed25519"].map(pem) + [secret], hasSets: false)
        let claims = Base64URL.encode(#"{"sub":"mallory","exp":4102444800}"#.utf8)
        #expect(ring.verdict(on: try CompactToken("\(parts[0]).\(claims).\(parts[2])")) == .wrong)
        var signature = try #require(Base64URL.decode(parts[2].utf8))
        signature[signature.count / 2] ^= 1
        for other in [signature, Array(signature.dropLast()), signature + [0], []] {
            let token = try CompactToken("\(parts[0]).\(parts[1]).\(Base64URL.encode(other))")
            #expect(ring.verdict(on: token) == .wrong)
        }
    }

    @Test(arguments: ["RS256", "PS256", "ES256", "EdDSA"])
    func `a key of a set is found by its id`(algorithm: String) throws {
        #expect(sets.verdict(on: try CompactToken(try #require(fixture.named[algorithm]))) == .verified)
        // Without an id, a set says nothing.
        #expect(sets.verdict(on: try CompactToken(try #require(fixture.tokens[algorithm]))) == .unknownKey)
    }

    @Test func `a key of the configuration needs no id, and takes tokens that have one`() throws {
        let ring = KeyRing(fixed: [try pem("rsa")], hasSets: false)
        #expect(ring.verdict(on: try CompactToken(try #require(fixture.named["RS256"]))) == .verified)
    }

    @Test(
        arguments: [
            ("confused-rsa", .foreignAlgorithm), ("confused-p256", .foreignAlgorithm), ("shared", .foreignAlgorithm),
            ("encryption", .unknownKey), ("small", .unknownKey), ("other", .wrong), ("stranger", .unknownKey),
        ] as [(String, KeyRing.Verdict)])
    func `a published key is no secret, and no other key either`(name: String, verdict: KeyRing.Verdict) throws {
        let token = try CompactToken(try #require(fixture.refused[name]))
        #expect(sets.verdict(on: token) == verdict)
        let both = KeyRing(fixed: try ["rsa", "p256"].map(pem), hasSets: true, filed: published)
        // The configuration may name the very key that a set keeps for encryption.
        #expect((both.verdict(on: token) == .verified) == (name == "encryption"))
        #expect(verdict.error != nil)
    }

    @Test(arguments: ["none", "HS384", "HS512", "RS512", "ES384", "critical"])
    func `what no key here could verify is not even read`(name: String) throws {
        let text = try #require(fixture.refused[name])
        #expect(throws: AuthenticationError.self) { try CompactToken(text) }
    }

    @Test(
        arguments: [
            ("", KeySetError.malformed), ("[]", .malformed), ("{}", .malformed), (#"{"keys":{}}"#, .malformed),
            (#"{"keys":[]}"#, .empty),
            (#"{"keys":[7,{},{"kty":"RSA"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}"#, .empty),
            (#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}"#, .empty),
            (#"{"keys":[{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}"#, .empty),
        ])
    func `what is no set of keys is refused`(json: String, error: KeySetError) {
        #expect(throws: error) { try PublishedKeys(Array(json.utf8)) }
    }

    @Test func `a set is read up to its greatest length`() {
        let json = #"{"keys":[],"x":""# + String(repeating: "x", count: PublishedKeys.maximumBytes) + #""}"#
        #expect(throws: KeySetError.tooLong) { try PublishedKeys(Array(json.utf8)) }
    }

    @Test func `a PEM file holds a public key of a kind that is accepted`() throws {
        for name in ["p384", "small-rsa"] { #expect(fixture.pem[name].flatMap { VerificationKey(pem: $0) } == nil) }
        #expect(VerificationKey(pem: "") == nil)
        #expect(VerificationKey(pem: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n") == nil)
        #expect(VerificationKey(secret: String(repeating: "s", count: 31).utf8) == nil)
    }
}
