import Foundation
import Testing
import Wire

extension Integration {
    /// What administrators ask, on two instances with nothing configured: from this machine.
    @Suite("Administration", .serialized, .cluster(instances: 2))
    struct AdministrationAPI {
        private struct Users: Decodable {
            struct User: Decodable {
                struct Session: Decodable {
                    let instance: String
                    let address: String?
                    let dialect: String
                    let rooms: [String]
                    let since: String
                }
                let username: String
                let sessions: [Session]
            }
            let users: [User]
            let more: Bool?
            let missing: [String]?

            var names: [String] { users.map(\.username) }
        }

        private func users(_ query: String = "", of instance: Int = 0) async throws -> Users {
            let answer = try await HTTPProbe.get(port: try Cluster.current[instance].port, "/api/users\(query)")
            #expect(answer.status == 200 && answer["cache-control"] == "no-store")
            return try JSONDecoder().decode(Users.self, from: Data(answer.body.utf8))
        }

        private func post(_ path: String, _ body: String, headers: [String] = [], to instance: Int = 0) async throws
            -> HTTPAnswer
        {
            let port = try Cluster.current[instance].port
            let lines =
                [
                    "POST \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close",
                    "Content-Length: \(body.utf8.count)",
                ] + headers
            let answers = try await HTTPProbe.answers(
                port: port, toRequest: lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
            return try #require(answers.first)
        }

        private func code(_ answer: HTTPAnswer) throws -> String {
            try JSONObject(Array(answer.body.utf8), keepingNested: true).requiredObject("error").requiredText("code")
        }

        @Test("Either instance lists the users of both, with their sessions, in parts")
        func lists() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].v2("alice", room: "dev")
            let bob = try await cluster[1].v2("bob")
            let carol = try await WebSocketClient.open(
                port: cluster[1].port, path: "/ws?username=carol", name: "carol")
            try await eventually("all to be listed on both", equals: ["alice", "bob", "carol"]) {
                let (one, other) = (try await users(), try await users(of: 1))
                return one.names == other.names ? one.names : []
            }
            let all = try await users()
            #expect(all.more == nil && all.missing == nil)
            #expect(all.users.map { $0.sessions.map(\.instance) } == [["server-0"], ["server-1"], ["server-1"]])
            #expect(all.users.map { $0.sessions[0].dialect } == ["chat.v2", "chat.v2", "classic"])
            #expect(all.users[0].sessions[0].rooms == ["dev"])
            #expect(all.users.allSatisfy { $0.sessions[0].address == "127.0.0.1" })
            let first = try await users("?limit=2")
            #expect(first.names == ["alice", "bob"] && first.more == true)
            let rest = try await users("?limit=2&after=bob", of: 1)
            #expect(rest.names == ["carol"] && rest.more == nil)
            #expect(try await users("/carol").names == ["carol"])
            #expect(try await users("/nobody").names == [])
            try await alice.close()
            try await bob.close()
            await carol.drop()
        }

        @Test(
            "Who is disconnected on one instance is gone from the other, with 4003 and the reason, and not for the grace"
        )
        func disconnects() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let bob = try await cluster[1].v2("bob")
            let alice = try await cluster[0].v2("alice")
            let answer = try await post("/api/users/bob/disconnect", #"{"reason":"enough"}"#)
            #expect(answer.status == 202)
            let end = try await bob.closed()
            #expect(end.code == 4003 && end.reason == "enough")
            try await eventually("bob to be gone", equals: ["alice"], within: .seconds(4)) { try await users().names }
            try await alice.close()
        }

        @Test("What is wrong with a request is said as JSON, with a fitting status")
        func refusals() async throws {
            let port = try Cluster.current[0].port
            for (answer, status, wanted) in [
                (try await HTTPProbe.get(port: port, "/api/users?limit=0"), 400, "bad_request"),
                (try await HTTPProbe.get(port: port, "/api/revocations"), 405, "method_not_allowed"),
                (try await post("/api/users", "{}"), 405, "method_not_allowed"),
                (try await post("/api/users/bob/disconnect", #"{"reason":1}"#), 400, "bad_request"),
                (try await post("/api/users/bob/disconnect", "{"), 400, "bad_request"),
                (try await post("/api/users/bob/disconnect", "", headers: ["Expect: 100-continue"]), 202, ""),
                (
                    try await HTTPProbe.get(port: port, "/api/users", headers: ["X-Forwarded-For: 127.0.0.1"]), 403,
                    "forbidden"
                ),
                (
                    try await HTTPProbe.get(port: port, "/api/users", headers: ["Origin: https://evil.example"]), 403,
                    "forbidden"
                ),
                (try await post("/api/revocations", #"{"jti":"x"}"#, headers: ["Via: 1.1 x"]), 403, "forbidden"),
                (try await post("/api/revocations", #"{"jti":"x"}"#), 409, "authentication_off"),
            ] {
                #expect(answer.status == status, "\(answer)")
                #expect(answer["cache-control"] == "no-store")
                if !wanted.isEmpty { #expect(try code(answer) == wanted, "\(answer)") }
            }
            let options = try await HTTPProbe.get(port: port, "/api/revocations", method: "OPTIONS")
            #expect(options.status == 204 && options["allow"] == "POST, OPTIONS")
        }

        @Test("A body past 64 KiB is refused before it is read")
        func largeBody() async throws {
            let body = #"{"reason":"\#(String(repeating: "x", count: 65 << 10))"}"#
            #expect(try await post("/api/users/bob/disconnect", body).status == 413)
        }

        @Test("An instance that does not answer in time is named, and the others' users are listed")
        func silent() async throws {
            try await withCluster(instances: 2) { cluster in
                let alice = try await cluster[0].v2("alice")
                func list() async throws -> Users {
                    let answer = try await HTTPProbe.get(port: cluster[0].port, "/api/users")
                    return try JSONDecoder().decode(Users.self, from: Data(answer.body.utf8))
                }
                let bob = try await cluster[1].v2("bob")
                try await eventually("both to be listed", equals: ["alice", "bob"]) { try await list().names }
                cluster[1].freeze()
                let users = try await list()
                #expect(users.names == ["alice"])
                #expect(users.missing == ["server-1"])
                cluster[1].thaw()
                try await eventually("it to answer again", equals: nil) { try await list().missing }
                try await alice.close()
                try await bob.close()
            }
        }

        @Test("With an admin token nobody passes without it, from this machine neither")
        func adminToken() async throws {
            try await withCluster(instances: 1, ["admin_token": "0123456789abcdef"]) { cluster in
                let port = cluster[0].port
                let none = try await HTTPProbe.get(port: port, "/api/users")
                #expect(none.status == 401 && none["www-authenticate"] == "Bearer")
                let wrong = try await HTTPProbe.get(
                    port: port, "/api/users", headers: ["Authorization: Bearer 0123456789abcdeX"])
                #expect(wrong.status == 401 && wrong["www-authenticate"]?.contains("invalid_token") == true)
                let right = try await HTTPProbe.get(
                    port: port, "/api/users",
                    headers: ["Authorization: Bearer 0123456789abcdef", "X-Forwarded-For: 192.0.2.1"])
                #expect(right.status == 200)
            }
        }
    }
}
