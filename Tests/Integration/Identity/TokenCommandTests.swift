import Foundation
import Testing

extension Integration {
    /// `server token`, as it is typed.
    @Suite("server token", .embedded)
    struct TokenCommandTests {
        private static let secret = "a secret of more than thirty-two bytes"

        /// The claims of a token that was printed.
        private func claims(_ output: String) throws -> [String: Any] {
            let parts = output.trimmingCharacters(in: .newlines).split(separator: ".")
            try #require(parts.count == 3, "\(output)")
            var text = parts[1].replacing("-", with: "+").replacing("_", with: "/")
            while !text.count.isMultiple(of: 4) { text += "=" }
            let data = try #require(Data(base64Encoded: String(text)))
            return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        }

        @Test("It prints one token with what was asked for, and nothing else")
        func token() async throws {
            let run = try await ServerRun.arguments(
                [
                    "token", "--sub", "alice", "--role", "admin", "--rooms", "dev, team-*", "--read-rooms", "news",
                    "--ttl", "90s",
                ], environment: ["JWT_SECRET": Self.secret, "JWT_ISSUER": "https://issuer.example"])
            #expect(run.status == .exited(0))
            #expect(run.lines.count == 1)
            let claims = try claims(run.output)
            #expect(claims["sub"] as? String == "alice")
            #expect(claims["role"] as? String == "admin")
            #expect(claims["iss"] as? String == "https://issuer.example")
            #expect(claims["rooms"] as? [String] == ["dev", "team-*"])
            #expect(claims["read_rooms"] as? [String] == ["news"])
            let issued = try #require(claims["iat"] as? Int)
            #expect(claims["exp"] as? Int == issued + 90)
        }

        @Test("The configuration file has the secret")
        func file() async throws {
            let directory = try ScratchDirectory.make("token")
            let file = directory.appendingPathComponent("config.json")
            try Data(#"{"jwt_secret":"\#(Self.secret)","jwt_username_claim":"name"}"#.utf8).write(to: file)
            let run = try await ServerRun.arguments(["token", "--sub", "alice", "--config", file.path])
            #expect(try claims(run.output)["name"] as? String == "alice")
        }

        @Test(
            "What cannot be done is said in one line",
            arguments: [
                (["--sub", "a b"], "--sub"), (["--sub", "alice", "--role", "root"], "--role"),
                (["--sub", "alice", "--rooms", "a*b"], "--rooms"), (["--sub", "alice", "--ttl", "1"], "--ttl"),
            ])
        func refusal(arguments: [String], word: String) async throws {
            let run = try await ServerRun.arguments(["token"] + arguments, environment: ["JWT_SECRET": Self.secret])
            #expect(run.isRefusal)
            #expect(run.lines.count == 1 && run.output.hasPrefix("server: \(word): "), "\(run)")
        }

        @Test("Without a secret there is no token")
        func noSecret() async throws {
            let run = try await ServerRun.arguments(["token", "--sub", "alice"])
            #expect(run.isRefusal && run.output.hasPrefix("server: jwt_secret: missing"), "\(run)")
        }

        @Test("A file of keys that cannot be used is found before the start")
        func files() async throws {
            for key in ["JWT_PUBLIC_KEY_FILE", "JWT_JWKS_FILE"] {
                let run = try await ServerRun.arguments(["--check-config"], environment: [key: "/no/such"])
                #expect(run.isRefusal && run.output.hasPrefix("server: \(key.lowercased()): /no/such cannot be read"))
            }
        }
    }
}
