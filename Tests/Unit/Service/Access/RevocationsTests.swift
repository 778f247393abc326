import Domain
import Testing

@testable import Service

struct RevocationsTests {
    private let alice: Username
    private let bob: Username

    init() throws {
        alice = try Username("alice")
        bob = try Username("bob")
    }

    private func time(_ seconds: Int64) -> Timestamp { Timestamp(millisecondsSince1970: seconds * 1000) }

    private func token(_ username: Username, id: String? = nil, issuedAt: Int64? = nil) -> Principal {
        Principal(username: username, kind: .token, tokenID: id, issuedAt: issuedAt)
    }

    private func entry(_ id: String, until: Int64 = 1000) -> RevocationEntry {
        RevocationEntry(.token(id: ExactText(id)), until: time(until))
    }

    private func entry(_ user: Username, before: Int64, until: Int64 = 1000) -> RevocationEntry {
        RevocationEntry(.tokens(of: user, issuedBefore: before), until: time(until))
    }

    @Test func `a token is revoked by its id, and whoever has none or another is not`() {
        var revocations = Revocations()
        #expect(revocations.insert(entry("t1")) == .news)
        #expect(revocations.isRevoked(token(bob, id: "t1")))
        #expect(!revocations.isRevoked(token(bob, id: "t2")))
        #expect(!revocations.isRevoked(token(bob)))
        #expect(!revocations.isRevoked(.guest(bob)))
        #expect(!revocations.isRevoked(.open))
    }

    @Test func `of a user the latest moment counts, whichever came last`() {
        for moments in [[100, 200], [200, 100]] as [[Int64]] {
            var revocations = Revocations()
            for moment in moments { revocations.insert(entry(alice, before: moment)) }
            #expect(revocations.isRevoked(token(alice, issuedAt: 199)))
            #expect(!revocations.isRevoked(token(alice, issuedAt: 200)))
            #expect(revocations.isRevoked(token(alice)))
            #expect(!revocations.isRevoked(token(bob, issuedAt: 1)))
            #expect(revocations.count == 1)
        }
    }

    @Test func `what was revoked already is no news, and is remembered for the longer time`() {
        var revocations = Revocations()
        revocations.insert(entry("t1", until: 10))
        #expect(revocations.insert(entry("t1", until: 20)) == .known)
        #expect(revocations.insert(entry("t1", until: 5)) == .known)
        revocations.insert(entry(alice, before: 100, until: 10))
        #expect(revocations.insert(entry(alice, before: 50, until: 20)) == .known)
        revocations.removeExpired(at: time(19))
        #expect(revocations.count == 2)
        revocations.removeExpired(at: time(20))
        #expect(revocations.count == 0)
        #expect(!revocations.isRevoked(token(alice, id: "t1")))
    }

    @Test func `none is dropped for a new one: the new one is refused`() {
        var revocations = Revocations(maximum: 2)
        revocations.insert(entry("t1"))
        revocations.insert(entry(alice, before: 100))
        #expect(revocations.insert(entry("t2")) == .full)
        #expect(revocations.insert(entry(bob, before: 1)) == .full)
        #expect(revocations.insert(entry("t1", until: 2000)) == .known)
        #expect(revocations.insert(entry(alice, before: 200)) == .news)
        #expect(!revocations.isRevoked(token(bob, id: "t2")))
    }

    @Test func `what a store lacks is what it has not, or not for as long`() {
        var here = Revocations()
        for entry in [entry("t1"), entry("t2"), entry(alice, before: 100), entry(bob, before: 100)] {
            here.insert(entry)
        }
        var there = Revocations()
        for entry in [entry("t1"), entry("t2", until: 999), entry(alice, before: 99), entry(bob, before: 100)] {
            there.insert(entry)
        }
        #expect(Set(here.entries(missingIn: there)) == [entry("t2"), entry(alice, before: 100)])
        #expect(here.entries(missingIn: here).isEmpty)
        #expect(Set(here.entries(missingIn: Revocations())) == Set(here.entries))
    }

    @Test(arguments: ["t1", "with spaces in it", "  ", "é", "a\nb", String(repeating: "x", count: 1024)])
    func `a revocation is kept as a text, and read again as what it was`(id: String) {
        let revocation = Revocation.token(id: ExactText(id))
        #expect(Revocation(text: revocation.text) == revocation)
    }

    @Test func `a user's is, too`() throws {
        for (name, second) in [("alice", 0), ("\u{301}x", -5), ("日本", Int64.max)] as [(String, Int64)] {
            let revocation = Revocation.tokens(of: try Username(name), issuedBefore: second)
            #expect(Revocation(text: revocation.text) == revocation)
        }
    }

    @Test(
        arguments: [
            "", "jti", "jti ", "user", "user 5", "user x alice", "user 5 two words", "user 5 ", "other t1", " jti t1",
            "user 99999999999999999999 alice", "jti " + String(repeating: "x", count: 1025),
        ])
    func `any other text is none`(text: String) { #expect(Revocation(text: text) == nil) }
}
