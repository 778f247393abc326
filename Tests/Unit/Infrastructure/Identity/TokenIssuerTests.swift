import Domain
import Service
import Testing
import Wire

@testable import InfrastructureIdentity

struct TokenIssuerTests {
    @Test func `a token that the server makes is one that it takes`() async throws {
        var settings = IdentitySettings()
        settings.secret = String(repeating: "s", count: 32)
        settings.rules.issuer = "https://issuer.example"
        settings.rules.audience = "chat"
        settings.rules.usernameClaim = "name"
        let permissions = Permissions(
            rooms: [try RoomPattern("dev"), try RoomPattern("team-*")], readRooms: [try RoomPattern("*")])
        let grant = TokenIssuer.Grant(
            username: try Username("日本\"alice"), role: .admin, permissions: permissions, lifetimeSeconds: 90)
        let token = try #require(TokenIssuer(secret: settings.secret, rules: settings.rules))
            .token(for: grant, id: "7", at: TokenFixture.now)
        let authenticator = try TokenAuthenticator(settings, time: SetClock().source, logger: .silent) {
            () async throws(KeySetFetchError) in []
        }
        let principal = try await authenticator.authenticate(token)
        let expected = Principal(
            username: grant.username, kind: .token, role: .admin, permissions: permissions, tokenID: "7",
            issuedAt: 1_767_323_045, expiresAt: Timestamp(millisecondsSince1970: 1_767_323_135_000))
        #expect(principal == expected)
    }

    @Test func `a plain token says nothing of rooms and roles`() throws {
        let issuer = try #require(TokenIssuer(secret: String(repeating: "s", count: 32), rules: TokenRules()))
        let token = try CompactToken(issuer.token(for: .init(username: try Username("alice")), at: TokenFixture.now))
        #expect(token.claims.fields.map(\.key) == ["sub", "iat", "exp", "jti"])
    }
}
