import Testing
import Wire

private let settingsOfRevocation: Settings = ["jwt_secret": .text(SignedToken.secret)]

extension Integration {
    /// What clients see of an administrator who asks the other instance.
    @Suite("Tokens that are taken back, at the socket", .serialized, .cluster(instances: 2, settingsOfRevocation))
    struct TokenRevocation {
        private func post(_ path: String, _ body: String, on instance: ChatInstance) async throws -> Int {
            let request = [
                "POST \(path) HTTP/1.1", "Host: 127.0.0.1:\(instance.port)", "Connection: close",
                "Authorization: Bearer \(SignedToken.good("root", #","role":"admin""#))",
                "Content-Length: \(body.utf8.count)", "", body,
            ].joined(separator: "\r\n")
            return try #require(try await HTTPProbe.answers(port: instance.port, toRequest: request).first).status
        }

        @Test("A revocation by jti closes all sessions within a second, on both instances and in both dialects")
        func revocation() async throws {
            let cluster = try Cluster.current
            let token = SignedToken.good("alice", #","jti":"j1""#)
            let sockets = [
                try await cluster[0].bearer(token).socket, try await cluster[1].bearer(token).socket,
                try await cluster[0].socket(token: token, v2: false),
            ]
            let other = try await cluster[0].bearer(SignedToken.good("alice", #","jti":"j2""#))
            let start = ContinuousClock.now
            #expect(try await post("/api/revocations", #"{"jti":"j1"}"#, on: cluster[1]) == 201)
            for socket in sockets {
                #expect(try await socket.closed() == Closing(code: 4002, reason: "token was revoked"))
            }
            let time = ContinuousClock.now - start
            #expect(time < .seconds(1), "\(time)")
            for instance in cluster.instances {
                let answer = try #require(try await instance.refusal(token: token))
                #expect(answer.status == 401 && answer.body == "the token was revoked")
            }
            try await other.isRefused("invalid_token", ref: other.send(.authenticate(token: token)))
            try await other.isQuiet()
            try await other.close()
        }

        @Test("A disconnect closes all sessions with 4003 and the reason")
        func disconnect() async throws {
            let cluster = try Cluster.current
            let token = SignedToken.good("carol")
            let classic = try await cluster[1].socket(token: token, v2: false)
            // The upgrade is answered before the session is open, and a session that opens is not ended.
            #expect(try await classic.users() == ["carol"])
            let sockets = [try await cluster[0].bearer(token).socket, classic]
            #expect(
                try await post("/api/users/carol/disconnect", #"{"reason":"please update"}"#, on: cluster[1]) == 202)
            for socket in sockets {
                #expect(try await socket.closed() == Closing(code: 4003, reason: "please update"))
            }
            #expect(try await cluster[0].refusal(token: token) == nil)
        }
    }
}
