import Domain
import Testing

struct RevocationTests {
    private let alice: Username
    private let bob: Username

    init() throws {
        alice = try Username("alice")
        bob = try Username("bob")
    }

    private func token(_ username: Username, id: String? = nil, issuedAt: Int64? = nil) -> Principal {
        Principal(username: username, kind: .token, tokenID: id, issuedAt: issuedAt)
    }

    @Test func `a token is revoked by its id, to the byte`() {
        let revocation = Revocation.token(id: ExactText("é1"))
        #expect(revocation.revokes(token(alice, id: "é1")))
        #expect(!revocation.revokes(token(alice, id: "e\u{301}1")))
        #expect(!revocation.revokes(token(alice, id: "é")))
        #expect(!revocation.revokes(token(alice)))
    }

    @Test(arguments: [(nil, true), (99, true), (100, false), (101, false)] as [(Int64?, Bool)])
    func `of a user all is revoked that was issued before, or that does not say when`(
        issuedAt: Int64?, isRevoked: Bool
    ) {
        let revocation = Revocation.tokens(of: alice, issuedBefore: 100)
        #expect(revocation.revokes(token(alice, issuedAt: issuedAt)) == isRevoked)
        #expect(!revocation.revokes(token(bob, issuedAt: issuedAt)))
    }

    @Test func `who came without a token is not concerned`() {
        let revocation = Revocation.tokens(of: alice, issuedBefore: 100)
        #expect(!revocation.revokes(.guest(alice)))
        #expect(!revocation.revokes(.open))
    }
}
