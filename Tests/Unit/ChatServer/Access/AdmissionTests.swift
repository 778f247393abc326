import Domain
import HTTPTypes
import Testing

@testable import ChatServer

struct AdmissionTests {
    private static func admission(_ uri: String) throws(Refusal) -> Admission {
        try Admission.decide(try .handshake(uri), at: .open).decided
    }

    private func refusal(_ uri: String) -> String {
        do throws(Refusal) {
            let admission = try Self.admission(uri)
            return "admitted \(admission.username) to \(admission.room)"
        } catch {
            #expect(error.status == .badRequest)
            return error.text
        }
    }

    @Test(
        arguments: [
            ("?username=alice", "alice", "global"),
            ("?username=alice&room=dev", "alice", "dev"),
            ("?room=dev&username=alice", "alice", "dev"),
            ("?username=alice&room=", "alice", "global"),
            ("?username=alice&room", "alice", "global"),
            ("?&username=alice&&x=y&", "alice", "global"),
            ("?username=alice&username=bob", "alice", "global"),
            ("?username=alice&room=a&room=b", "alice", "a"),
            ("?username=a%2Eb%26%3D%3F%25", "a.b&=?%", "global"),
            ("?username=a=b", "a=b", "global"),
            ("?username=%E6%97%A5%e6%9c%ac", "日本", "global"),
            ("?username=日本", "日本", "global"),
            ("?username=caf%65%CC%81", "café", "global"),
            ("?%75sername=alice", "alice", "global"),
            ("?username=a%2Bb", "a+b", "global"),
            ("?username=a?b", "a?b", "global"),
            ("?username=alice&session=s3cret&token=x", "alice", "global"),
            ("?username=a%EF%BB%BFb", "a\u{FEFF}b", "global"),
            // Signs are signs, whatever would combine with them into one character.
            ("?\u{301}&username=alice&\u{301}&room=dev", "alice", "dev"),
        ])
    func `a query is read as browsers write it`(query: String, username: String, room: String) throws {
        let admission = try Self.admission("/ws" + query)
        #expect(Array(admission.username.text.utf8) == Array(username.utf8))
        #expect(admission.room.text == room)
    }

    @Test(
        arguments: [
            ("0123456789abcdef0123456789abcdef", true), ("0123456789ABCDEF0123456789abcdef", false),
            ("0123456789abcdef0123456789abcde", false), ("0123456789abcdef0123456789abcdef0", false),
            ("0123456789abcdef0123456789abcdeg", false), ("", false), ("%FF", nil),
        ] as [(String, Bool?)])
    func `the secret of an earlier session is taken where it could be one, and a bad one keeps nobody out`(
        secret: String, isTaken: Bool?
    ) throws {
        guard let isTaken else {
            #expect(refusal("/ws?username=alice&session=\(secret)") == "the query is not valid UTF-8")
            return
        }
        let admission = try Self.admission("/ws?username=alice&session=\(secret)")
        #expect(admission.secret?.text == (isTaken ? secret : nil))
    }

    @Test(arguments: [
        "/ws", "/ws?", "/ws?username", "/ws?username=", "/ws?room=dev", "/ws?Username=alice", "/ws?x=username",
    ])
    func `without a username nobody gets in`(uri: String) {
        #expect(refusal(uri) == "username required")
    }

    @Test(
        arguments: [
            ("username=a+b", "username must not contain whitespace"),
            ("username=+", "username must not contain whitespace"),
            ("username=a%20b", "username must not contain whitespace"),
            ("username=a%E3%80%80b", "username must not contain whitespace"),
            ("username=a%00b", "username must not contain control characters"),
            ("username=%EF%BB%BFalice", "username must not begin or end with an invisible character"),
            ("username=alice%EF%BB%BF", "username must not begin or end with an invisible character"),
            ("username=%E2%80%8Balice", "username must not begin or end with an invisible character"),
            ("username=" + String(repeating: "a", count: 33), "username must not be longer than 32 characters"),
            ("username=a&room=a%0Ab", "room name must not contain whitespace"),
            ("username=a&room=a%1Bb", "room name must not contain control characters"),
            ("username=a&room=%EF%BB%BFdev", "room name must not begin or end with an invisible character"),
            ("username=a&room=" + String(repeating: "r", count: 65), "room name must not be longer than 64 characters"),
        ])
    func `a name that breaks a rule is refused with that rule`(query: String, text: String) {
        #expect(refusal("/ws?" + query) == text)
    }

    @Test(arguments: ["%", "a%", "%4", "%G1", "%4G", "%+1", "%-1", "% 1", "%%41", "%２０"])
    func `a percent sign stands before two hexadecimal digits`(text: String) {
        let line = "the query has a % that is not followed by two hexadecimal digits"
        #expect(refusal("/ws?username=\(text)") == line)
        #expect(refusal("/ws?username=alice&other=\(text)") == line)
        #expect(refusal("/ws?\(text)=x&username=alice") == line)
    }

    @Test(arguments: ["%FF", "%C3", "%C0%AF", "%ED%A0%80", "a%80", "%F4%90%80%80"])
    func `what is no UTF-8 is refused, not repaired`(text: String) {
        #expect(refusal("/ws?username=\(text)") == "the query is not valid UTF-8")
    }

    @Test(
        arguments: [
            ("/ws?username=%", 3, true, nil, .draining),
            (
                "/ws?username=%", 3, false, nil,
                .badRequest("the query has a % that is not followed by two hexadecimal digits")
            ),
            ("/ws?room=a+b", 3, false, nil, .badRequest("username required")),
            ("/ws?username=a&room=a+b", 3, false, nil, .badRequest("room name must not contain whitespace")),
            ("/ws?username=a", 2, false, nil, .full), ("/ws?username=a", 1, false, nil, .upgradeRequired),
            ("/ws?username=a", 1, false, "websocket", nil),
        ] as [(String, Int, Bool, String?, Refusal?)])
    func `of several things that are wrong the first is told`(
        uri: String, connections: Int, isDraining: Bool, upgrade: String?, refusal: Refusal?
    ) throws {
        let request = try Request.handshake(uri, replacing: [("Upgrade", upgrade)])
        let door = Door(
            rules: DoorRules(maximumConnections: 2),
            occupancy: { Occupancy(connections: connections, maximum: 2, isDraining: isDraining) })
        let result = Result { () throws(Refusal) in try Admission.decide(request, at: door).decided }
        #expect(result.refusal == refusal)
    }
}

extension Result where Failure == Refusal {
    /// Why there is no value.
    var refusal: Refusal? { if case .failure(let refusal) = self { refusal } else { nil } }
}
