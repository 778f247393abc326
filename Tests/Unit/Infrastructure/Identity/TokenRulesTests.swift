import Domain
import Service
import Testing
import Wire

@testable import InfrastructureIdentity

struct TokenRulesTests {
    private static let second: Int64 = 1_767_323_045

    private func principal(_ claims: String, _ rules: TokenRules = TokenRules()) throws -> Principal {
        try rules.principal(of: try JSONObject(Array(claims.utf8), keepingNested: true), at: TokenFixture.now)
    }

    private func refusal(_ claims: String, _ rules: TokenRules = TokenRules()) -> String {
        do {
            _ = try principal(claims, rules)
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    /// Claims that are accepted, with others behind them.
    private static func valid(_ others: String) -> String { #"{"sub":"alice","exp":4102444800,\#(others)}"# }

    @Test func `what a token does not say is everywhere, as a user, without an id`() throws {
        let expected = Principal(
            username: try Username("alice"), kind: .token,
            expiresAt: Timestamp(millisecondsSince1970: 4_102_444_800_000))
        #expect(try principal(#"{"sub":"alice","exp":4102444800}"#) == expected)
    }

    @Test(
        arguments: [
            (#"{"sub":"alice"}"#, "the token has no exp claim"),
            (#"{"exp":4102444800}"#, "the token has no username"),
            (#"{"sub":7,"exp":4102444800}"#, "the token has no username"),
            (#"{"sub":"a b","exp":4102444800}"#, "the token's username must not contain whitespace"),
            (#"{"sub":"","exp":4102444800}"#, "the token's username must not be empty"),
            (#"{"sub":"alice","exp":"4102444800"}"#, "the token's exp must be a number of seconds since 1970"),
            (#"{"sub":"alice","exp":null}"#, "the token's exp must be a number of seconds since 1970"),
            (#"{"sub":"alice","exp":1e999}"#, "the token's exp must be a number of seconds since 1970"),
            (#"{"sub":"alice","exp":-1e300}"#, "the token has expired"),
            (#"{"sub":"alice","exp":0}"#, "the token has expired"),
            (valid(#""nbf":4102444800"#), "the token is not valid yet"),
            (valid(#""nbf":1e300"#), "the token is not valid yet"),
            (valid(#""nbf":true"#), "the token's nbf must be a number of seconds since 1970"),
            (valid(#""iat":"now""#), "the token's iat must be a number of seconds since 1970"),
            (valid(#""role":"root""#), "the token's role must be one of user, moderator, admin"),
            (valid(#""role":null"#), "the token's role must be one of user, moderator, admin"),
            (valid(#""role":2"#), "the token's role must be one of user, moderator, admin"),
            (valid(#""rooms":null"#), "the token's rooms must be a list of texts"),
            (valid(#""rooms":"dev""#), "the token's rooms must be a list of texts"),
            (valid(#""rooms":["dev",7]"#), "the token's rooms must be a list of texts"),
            (valid(#""read_rooms":{}"#), "the token's read_rooms must be a list of texts"),
            (
                valid(#""rooms":["a*b"]"#),
                "the token's rooms has a pattern that is not allowed: it may have a * only at its end"
            ),
            (
                valid(#""read_rooms":["a b"]"#),
                "the token's read_rooms has a pattern that is not allowed: it must not contain whitespace"
            ),
            (valid(#""jti":7"#), "the token's jti must be a text of at most 256 bytes"),
        ])
    func `a claim that is missing or wrong is named`(claims: String, words: String) {
        #expect(refusal(claims) == words)
    }

    @Test func `patterns are limited, since each message is held against them`() {
        let patterns = Array(repeating: #""dev""#, count: 200).joined(separator: ",")
        #expect(refusal(Self.valid(#""rooms":[\#(patterns)]"#)) == "accepted")
        let words = refusal(Self.valid(#""rooms":[\#(patterns)],"read_rooms":[\#(patterns)]"#))
        #expect(words == "the token has too many patterns of rooms: at most 256")
    }

    @Test(arguments: [(-5, false), (-6, false), (-4, true), (0, true)])
    func `clocks may differ by the leeway`(offset: Int64, isValid: Bool) {
        // 0.678 s have passed of this second.
        let expiry = Self.second + offset
        #expect((refusal(#"{"sub":"alice","exp":\#(expiry)}"#) == "accepted") == isValid)
    }

    @Test(arguments: [(5, true), (6, false)])
    func `a token may come a little early`(offset: Int64, isValid: Bool) {
        #expect((refusal(Self.valid(#""nbf":\#(Self.second + offset)"#)) == "accepted") == isValid)
    }

    @Test func `dates may have fractions, and expiry is without the leeway`() throws {
        let principal = try principal(#"{"sub":"alice","exp":4102444800.25,"iat":1767323044.9}"#)
        #expect(principal.expiresAt?.millisecondsSince1970 == 4_102_444_800_250)
        #expect(principal.issuedAt == 1_767_323_044)
    }

    @Test func `a token without exp is taken where the configuration says so`() throws {
        var rules = TokenRules()
        rules.requiresExpiry = false
        let principal = try principal(#"{"sub":"alice"}"#, rules)
        #expect(principal.expiresAt == nil)
        #expect(!rules.hasExpired(principal, at: Timestamp(millisecondsSince1970: .max)))
    }

    @Test(
        arguments: [
            (#""iss":"https://a""#, true), (#""iss":"https://a/""#, false), (#""iss":["https://a"]"#, false),
            (#""x":1"#, false),
        ])
    func `the issuer is the one that is configured`(claims: String, isTaken: Bool) {
        var rules = TokenRules()
        rules.issuer = "https://a"
        let words = "the token is not from the issuer that is trusted here (iss)"
        #expect(refusal(Self.valid(claims), rules) == (isTaken ? "accepted" : words))
    }

    @Test(
        arguments: [
            (#""aud":"chat""#, true), (#""aud":["mail","chat"]"#, true), (#""aud":"chat2""#, false),
            (#""aud":[]"#, false), (#""aud":[7]"#, false), (#""x":1"#, false),
        ])
    func `the audience contains the one that is configured`(claims: String, isTaken: Bool) {
        var rules = TokenRules()
        rules.audience = "chat"
        let words = "the token is not meant for this server (aud)"
        #expect(refusal(Self.valid(claims), rules) == (isTaken ? "accepted" : words))
    }

    @Test func `the name may be in another claim`() throws {
        var rules = TokenRules()
        rules.usernameClaim = "preferred_username"
        let principal = try principal(#"{"sub":"1","preferred_username":"bob","exp":4102444800}"#, rules)
        #expect(principal.username == (try Username("bob")))
        #expect(refusal(#"{"sub":"1","exp":4102444800}"#, rules) == "the token has no username")
    }

    @Test func `no token gives the name of a guest`() {
        var rules = TokenRules()
        rules.guestPrefix = "guest-"
        let words = "the token's username is one of those for guests"
        #expect(refusal(#"{"sub":"guest-7","exp":4102444800}"#, rules) == words)
        #expect(refusal(#"{"sub":"guest","exp":4102444800}"#, rules) == "accepted")
    }
}
