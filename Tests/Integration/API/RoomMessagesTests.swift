import Foundation
import Testing
import Wire

extension Integration {
    /// Who may read what was said, by HTTP, on a server that asks for tokens.
    @Suite("Messages by HTTP", .serialized)
    struct MessagesByHTTP {
        private static let secret = "a secret that is long enough for HS256"
        private static let adminToken = "0123456789abcdef"

        private func token(_ name: String, _ more: String...) async throws -> String {
            let run = try await ServerRun.arguments(
                ["token", "--sub", name] + more, environment: ["JWT_SECRET": Self.secret])
            return try #require(run.lines.last.map(String.init), "\(run)")
        }

        @Test("A token reads the rooms that it allows, part by part; an administrator reads all, and nobody else any")
        func reads() async throws {
            let cluster = try await Cluster.startEmbedded([
                "jwt_secret": .text(Self.secret), "admin_token": .text(Self.adminToken),
            ])
            do {
                let port = cluster[0].port
                func read(_ path: String, _ token: String?) async throws -> HTTPAnswer {
                    try await HTTPProbe.get(
                        port: port, path, headers: token.map { ["Authorization: Bearer \($0)"] } ?? [])
                }
                for number in 1...5 {
                    let answer = try await HTTPProbe.post(
                        port: port, "/api/publish", #"{"room":"dev","content":"\#(number)"}"#,
                        headers: ["Authorization: Bearer \(Self.adminToken)"])
                    #expect(answer.status == 201)
                }
                let dev = try await token("alice", "--rooms", "dev")
                let ops = try await token("bob", "--rooms", "ops")
                let root = try await token("root", "--role", "admin", "--rooms", "ops")
                func contents(_ answer: HTTPAnswer) throws -> [String] {
                    try #require(answer.status == 200, "\(answer)")
                    let object = try JSONObject(Array(answer.body.utf8), keepingNested: true)
                    guard case .array(let values) = object["messages"] else { return [] }
                    return values.compactMap { value in
                        if case .object(let message) = value { try? message.requiredText("content") } else { nil }
                    }
                }
                let path = "/api/rooms/dev/messages"
                #expect(try contents(await read(path, dev)) == ["1", "2", "3", "4", "5"])
                #expect(try contents(await read(path, root)) == ["1", "2", "3", "4", "5"])
                #expect(try contents(await read(path + "?limit=2", Self.adminToken)) == ["4", "5"])
                #expect(try contents(await read(path + "?before=4&limit=2", dev)) == ["2", "3"])
                #expect(try contents(await read(path + "?after=3", dev)) == ["4", "5"])
                #expect(try contents(await read("\(path)?limit=1&token=\(dev)", nil)) == ["5"])
                let none = try await read(path, nil)
                #expect(none.status == 401 && none["www-authenticate"] == "Bearer")
                let wrong = try await read(path, "x")
                #expect(wrong.status == 401 && wrong["www-authenticate"]?.contains("invalid_token") == true)
                let other = try await read(path, ops)
                let nowhere = try await read("/api/rooms/nowhere/messages", ops)
                #expect(other.status == 403 && nowhere.status == 403)
                // The same words whether there is such a room or not.
                #expect(other.body.replacing("dev", with: "nowhere") == nowhere.body)
                for path in ["/api/monitoring", "/api/cluster"] { #expect(try await read(path, dev).status == 403) }
            } catch {
                await cluster.stop()
                throw error
            }
            await cluster.stop()
        }
    }
}
