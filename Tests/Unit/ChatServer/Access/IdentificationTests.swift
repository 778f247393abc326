import Domain
import HTTPTypes
import Service
import Testing

@testable import ChatServer
@testable import SteppedService

/// Who is let in with a token, and who without.
struct IdentificationTests {
    private let authenticator = FakeAuthenticator()
    private var identification: Identification

    init() throws {
        identification = Identification(authenticator: authenticator, now: { SteppedChat.now })
        authenticator.give("alice", to: try .holder("alice"))
        authenticator.give("new", to: try .holder("alice"), isRemembered: false)
        authenticator.give("dev", to: try .holder("bob", rooms: ["dev", "team-*"], reading: ["news"]))
        authenticator.give("guest", to: try .holder("guest-7"))
        authenticator.give("nameless", to: Principal(username: nil, kind: .token))
        authenticator.give("stolen", to: try .holder("carol", tokenID: "7"))
        authenticator.give("stolen-new", to: try .holder("carol", tokenID: "7"), isRemembered: false)
        identification.isRevoked = { $0.tokenID == "7" }
    }

    private func decide(_ query: String, guests prefix: String = "") throws(Refusal) -> Finding<Admission> {
        var identification = identification
        identification.guestPrefix = prefix
        return try Admission.decide(
            try .handshake("/ws" + query),
            at: Door(
                rules: DoorRules(maximumConnections: 10, identification: identification),
                occupancy: Door.open.occupancy))
    }

    /// Name and room, or status and words, of what is decided in the end.
    private func outcome(_ query: String, guests prefix: String = "") async -> String {
        do throws(Refusal) {
            let admission =
                switch try decide(query, guests: prefix) {
                case .known(let admission): admission
                case .asks(let ask): try await ask()
                }
            return "\(admission.username)@\(admission.room) \(admission.principal.kind)"
        } catch {
            return "\(error.status.code) \(error.text)"
        }
    }

    @Test(
        arguments: [
            ("?token=alice", "alice@global token"), ("?token=new", "alice@global token"),
            ("?token=alice&username=", "alice@global token"),
            ("?token=alice&username=alice&room=x", "alice@x token"),
            ("?token=alice&username=bob", "403 the username is not the one in the token"),
            ("?token=alice&username=a+b", "400 username must not contain whitespace"),
            ("?token=alice&room=a+b", "400 room name must not contain whitespace"),
            ("?token=bad", "401 nobody knows the token"), ("?token=bad&username=a+b", "401 nobody knows the token"),
            ("?token=nameless&username=x", "401 the token names nobody"),
            ("?token=stolen", "401 the token was revoked"), ("?token=stolen-new", "401 the token was revoked"),
            ("?username=alice", "401 a token is required"), ("", "401 a token is required"),
            ("?username=a+b", "401 a token is required"), ("?token=", "401 a token is required"),
            ("?token=guest", "guest-7@global token"),
        ])
    func `whoever has a token comes under its name, and nobody else comes`(query: String, outcome: String) async {
        #expect(await self.outcome(query) == outcome)
    }

    @Test(
        arguments: [
            ("?username=guest-1", "guest-1@global guest"), ("?username=guest-1&room=dev", "guest-1@dev guest"),
            ("?username=guest-", "guest-@global guest"), ("?username=Guest-1", "401 a token is required"),
            ("?username=alice", "401 a token is required"), ("?username=", "401 a token is required"),
            ("", "401 a token is required"), ("?username=guest-+x", "400 username must not contain whitespace"),
            ("?token=alice", "alice@global token"),
            ("?token=guest", "401 the name in the token is one for guests"),
            ("?token=bad&username=guest-1", "401 nobody knows the token"),
        ])
    func `guests come under names with the prefix, and nobody with a token does`(query: String, outcome: String) async {
        #expect(await self.outcome(query, guests: "guest-") == outcome)
    }

    @Test(
        arguments: [
            ("?token=dev", "bob@global token"), ("?token=dev&room=dev", "bob@dev token"),
            ("?token=dev&room=team-7", "bob@team-7 token"), ("?token=dev&room=news", "bob@news token"),
            ("?token=dev&room=global", "403 you may not enter the room global"),
            ("?token=dev&room=other", "403 you may not enter the room other"),
        ])
    func `nobody asks for a room that they may not read; who names none is put somewhere else later`(
        query: String, outcome: String
    ) async {
        #expect(await self.outcome(query) == outcome)
    }

    @Test func `what is known is decided at once, and what is not is asked for`() throws {
        #expect(try decide("?token=alice").decided.username.text == "alice")
        guard case .asks = try decide("?token=new") else {
            Issue.record("nobody was to be asked")
            return
        }
    }

    @Test func `the challenge says what is wrong with a token, and is plain without one`() {
        #expect(Refusal.tokenRequired.headers[.wwwAuthenticate] == "Bearer")
        #expect(
            Refusal.invalidToken("it has expired").headers[.wwwAuthenticate]
                == #"Bearer error="invalid_token", error_description="it has expired""#)
        #expect(Refusal.invalidToken("x").status == .unauthorized && Refusal.tokenRequired.status == .unauthorized)
    }

    @Test func `a server that drains says so before it looks at a token`() throws {
        let door = Door(
            rules: DoorRules(maximumConnections: 10, identification: identification),
            occupancy: { Occupancy(connections: 0, maximum: 10, isDraining: true) })
        #expect(throws: Refusal.draining) { try Admission.decide(try .handshake("/ws?token=bad"), at: door) }
    }
}
