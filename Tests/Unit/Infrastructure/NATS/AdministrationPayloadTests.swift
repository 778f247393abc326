import Domain
import Service
import Testing

@testable import InfrastructureNATS

struct AdministrationPayloadTests {
    private static func notices() throws -> [AdministrationNotice] {
        let alice = try Username("alice")
        let since = Timestamp(millisecondsSince1970: 1_700_000_000_123)
        let session = ConnectedSession(
            instance: "b", address: "10.0.0.1", dialect: "chat.v2", rooms: ["dev", "a\"b"], since: since, isAway: true)
        let bare = ConnectedSession(
            instance: "b", address: nil, dialect: "classic", rooms: [], since: since, isAway: false)
        let report = InstanceReport(
            version: "1.2", uptimeMilliseconds: 77, connections: 3, rooms: 2, messagesPerSecond: 0.5,
            deliveriesPerSecond: 1200, isDraining: true,
            dependencies: [
                .init(name: "nats", isWorking: true),
                .init(name: "redis", isWorking: false, problem: "cannot be reached"),
            ])
        return [
            .reportQuestion(id: "q2"), .report(ReportAnswer(id: "q2", instance: "b", report: report)),
            .announcement(ServerAnnouncement(content: "soon \"\n", timestamp: since)),
            .revocation(RevocationEntry(.token(id: ExactText("t 1\n")), until: since)),
            .revocation(RevocationEntry(.tokens(of: alice, issuedBefore: 17), until: since)),
            .disconnection(alice, reason: "enough"), .alive(instance: "b"),
            .sends([], instance: "b"),
            .sends([UserSends(alice, 1), UserSends(try Username("a\"b"), 1_000_000)], instance: "b"),
            .question(UsersQuestion(id: "q1", user: nil, after: nil, limit: 1000)),
            .question(UsersQuestion(id: "q1", user: alice, after: "a", limit: 1)),
            .answer(
                UsersAnswer(
                    id: "q1", instance: "b",
                    page: ConnectedUsers(
                        users: [ConnectedUser(username: "alice", sessions: [session, bare])], more: true))),
        ]
    }

    @Test func `what is told is read as it was meant`() throws {
        for notice in try Self.notices() {
            #expect(AdministrationPayload.decode(AdministrationPayload.encode(notice)) == notice)
        }
    }

    @Test(
        arguments: [
            "", "{}", "[]", #"{"type":"later"}"#, #"{"type":"alive"}"#, #"{"type":"alive","instance":""}"#,
            #"{"type":"revocation","revocation":"x","until":"2026-01-01T00:00:00.000Z"}"#,
            #"{"type":"revocation","revocation":"jti x","until":"tomorrow"}"#,
            #"{"type":"disconnection","username":"two words"}"#, #"{"type":"users_asked","id":"x"}"#,
            #"{"type":"sends","users":[]}"#, #"{"type":"sends","instance":"","users":[]}"#,
            #"{"type":"sends","instance":"b"}"#, #"{"type":"sends","instance":"b","users":[7]}"#,
            #"{"type":"sends","instance":"b","users":[{"username":"a"}]}"#,
            #"{"type":"sends","instance":"b","users":[{"username":"a","count":0}]}"#,
            #"{"type":"sends","instance":"b","users":[{"username":"a","count":-1}]}"#,
            #"{"type":"sends","instance":"b","users":[{"username":"a","count":1.5}]}"#,
            #"{"type":"sends","instance":"b","users":[{"username":"a","count":1000001}]}"#,
            #"{"type":"sends","instance":"b","users":[{"username":"a","count":99999999999999999999}]}"#,
            #"{"type":"sends","instance":"b","users":[{"username":"two words","count":1}]}"#,
            #"{"type":"users","id":"x","instance":"b","users":[1],"more":false}"#, #"{"type":"instance_asked"}"#,
            #"{"type":"instance","id":"x","instance":"b","version":"1"}"#, #"{"type":"announcement","content":"x"}"#,
            #"{"type":"announcement","content":"x","at":"now"}"#,
            #"{"type":"users","id":"x","instance":"b","users":[{"username":"a","sessions":[{}]}],"more":false}"#,
        ])
    func `anything else is passed over`(text: String) { #expect(AdministrationPayload.decode(Array(text.utf8)) == nil) }

    @Test func `what would be remembered or passed on is bounded`() {
        let long = String(repeating: "x", count: 300)
        let many = Array(repeating: #"{"username":"a","count":1}"#, count: 1001).joined(separator: ",")
        for text in [
            #"{"type":"alive","instance":"\#(long)"}"#, #"{"type":"users_asked","id":"\#(long)","limit":1}"#,
            #"{"type":"sends","instance":"\#(long)","users":[]}"#,
            #"{"type":"sends","instance":"b","users":[\#(many)]}"#,
            #"{"type":"disconnection","username":"alice","reason":"\#(long)"}"#,
            #"{"type":"instance_asked","id":"\#(long)"}"#,
            #"{"type":"announcement","content":"\#(String(repeating: "x", count: 32_769))","at":"2026-01-01T00:00:00.000Z"}"#,
        ] {
            #expect(AdministrationPayload.decode(Array(text.utf8)) == nil)
        }
    }
}
