import Testing
import Wire

private let settingsOfTheDoor: Settings = [
    "jwt_secret": .text(SignedToken.secret), "jwt_issuer": "issuer", "jwt_audience": "chat", "guest_prefix": "guest-",
    // The longest token, and the rest of the head.
    "max_header_bytes": 20_000,
]

extension Integration {
    /// What is refused at the door, in which words.
    @Suite("Tokens at the door", .serialized, .embedded(settingsOfTheDoor))
    struct TokenRefusals {
        /// What every good token says here.
        private static let trust = #""iss":"issuer","aud":["mail","chat"]"#

        private static func good(_ name: String, _ claims: String = "") -> String {
            SignedToken.good(name, "," + trust + claims)
        }

        /// Claims that are good but for what is given, which is the first one of its name.
        private static func odd(_ claim: String, exp: Int = 3600) -> String {
            SignedToken.make(#"{"sub":"alice",\#(trust),"exp":\#(SignedToken.time(exp)),\#(claim)}"#)
        }

        struct Case: Sendable, CustomTestStringConvertible {
            var testDescription: String
            var reason: String
            var token: @Sendable () -> String

            init(_ what: String, _ reason: String, _ token: @escaping @Sendable () -> String) {
                testDescription = what
                self.reason = reason
                self.token = token
            }
        }

        static let cases = [
            Case("no token at all", "the token is not a well-formed signed JSON Web Token") { "rubbish.rubbish" },
            Case("too long", "the token is too long: at most 16384 bytes") {
                odd(#""x":"\#(String(repeating: "y", count: 12_500))""#)
            },
            Case("alg none", "the token's algorithm is not accepted") {
                let claims = #"{"sub":"alice",\#(trust),"exp":\#(SignedToken.time(3600))}"#
                return SignedToken.base64URL(#"{"alg":"none"}"#.utf8) + "." + SignedToken.base64URL(claims.utf8) + "."
            },
            Case("another secret", "the token's signature is wrong") {
                SignedToken.make(
                    #"{"sub":"alice",\#(trust),"exp":\#(SignedToken.time(3600))}"#,
                    secret: "another secret that is long enough for it")
            },
            Case("expired", "the token has expired") { odd(#""x":1"#, exp: -60) },
            Case("not yet", "the token is not valid yet") { odd(#""nbf":\#(SignedToken.time(60))"#) },
            Case("no exp", "the token has no exp claim") { SignedToken.make(#"{"sub":"alice",\#(trust)}"#) },
            Case("another issuer", "the token is not from the issuer that is trusted here (iss)") {
                SignedToken.good("alice", #","iss":"Issuer","aud":"chat""#)
            },
            Case("another audience", "the token is not meant for this server (aud)") {
                SignedToken.good("alice", #","iss":"issuer","aud":["mail"]"#)
            },
            Case("no name", "the token has no username") { SignedToken.make(#"{\#(trust),"exp":4102444800}"#) },
            Case("a guest's name", "the token's username is one of those for guests") { good("guest-1") },
            Case("a role that does not exist", "the token's role must be one of user, moderator, admin") {
                odd(#""role":"root""#)
            },
            Case("rooms that are null", "the token's rooms must be a list of texts") { odd(#""rooms":null"#) },
        ]

        @Test("401, with the reason in words and nothing of the token", arguments: cases)
        func refused(_ refused: Case) async throws {
            let token = refused.token()
            let answer = try #require(try await Cluster.current[0].refusal(token: token))
            #expect(answer.status == 401)
            #expect(
                answer["www-authenticate"]
                    == #"Bearer error="invalid_token", error_description="\#(refused.reason)""#)
            #expect(answer.body == refused.reason)
            #expect(try !Cluster.current[0].output.contains(token))
        }

        @Test("Without a token only guests come, and the challenge is plain")
        func guests() async throws {
            let instance = try Cluster.current[0]
            for query in ["?username=alice", "?username=Guest-1", "?username=guest"] {
                let answer = try #require(try await instance.refusal(query, token: nil), "\(query)")
                #expect(answer.status == 401 && answer["www-authenticate"] == "Bearer")
            }
            #expect(try await instance.refusal("?username=guest-1", token: nil) == nil)
        }

        @Test("The username is the token's, or is missing")
        func username() async throws {
            let instance = try Cluster.current[0]
            let token = Self.good("alice")
            let answer = try #require(try await instance.refusal("?username=bob", token: token))
            #expect(answer.status == 403 && answer.body == "the username is not the one in the token")
            #expect(try await instance.refusal("?username=alice", token: token) == nil)
            #expect(try await instance.refusal(token: token) == nil)
        }

        @Test("A room that is not allowed is refused in the same words whether it exists or not")
        func rooms() async throws {
            let instance = try Cluster.current[0]
            let token = Self.good("alice", #","rooms":["dev"],"read_rooms":["news"]"#)

            /// Everything that alice can find out.
            func look() async throws -> [String] {
                let door = try #require(try await instance.refusal("?room=secret", token: token))
                #expect(door.status == 403)
                var seen = [door.body]
                let alice = try await instance.bearer(token)
                #expect(alice.welcome.rooms.isEmpty)
                for request in [
                    #"{"type":"join_room","room":"secret"}"#, #"{"type":"leave_room","room":"secret"}"#,
                    #"{"type":"list_users","room":"secret"}"#, #"{"type":"history","room":"secret"}"#,
                    #"{"type":"chat_message","room":"secret","content":"x"}"#,
                    #"{"type":"typing","room":"secret","is_typing":true}"#, #"{"type":"list_users"}"#,
                    #"{"type":"list_rooms"}"#, #"{"type":"list_rooms","limit":1}"#,
                    #"{"type":"private_message","to":"hidden","content":"x"}"#,
                ] {
                    alice.send(text: request)
                    seen.append("\(try await alice.nextText().text)")
                }
                try await alice.close()
                for path in ["/rooms", "/api/rooms"] {
                    seen.append(try await instance.get(path).body)
                    seen.append(
                        try await HTTPProbe.get(port: instance.port, path, headers: ["Authorization: Bearer \(token)"])
                            .body)
                }
                return seen
            }

            let before = try await look()
            let hidden = try await instance.bearer(Self.good("hidden"), "?room=secret")
            try await hidden.join("secret")
            try await hidden.say("hush")
            #expect(try await look() == before)
            try await hidden.close()
        }

        @Test("Where one may only read one does not write")
        func reading() async throws {
            let alice = try await Cluster.current[0].bearer(Self.good("alice", #","read_rooms":["*"]"#), "?room=news")
            try await alice.join("news")
            try await alice.isRefused("forbidden", ref: alice.send(.chatMessage(content: "x", room: nil, id: nil)))
            try await alice.isRefused("forbidden", ref: alice.send(.typing(isTyping: true, room: "news")))
            try await alice.isQuiet()
            try await alice.close()
        }
    }
}
