import Foundation
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Integration {
    /// `chat-client` with a token file, against a server that says when tokens expire.
    @Suite("chat-client with tokens", .serialized)
    struct ClientTokenTests {
        private let server: FakeChatServer
        private let file: URL

        init() async throws {
            server = try await FakeChatServer.start()
            file = try ScratchDirectory.make("token").appendingPathComponent("token")
            try Self.write("al.first", to: file)
        }

        /// Replaces the file at once, as documented.
        private static func write(_ token: String, to file: URL) throws {
            let new = file.appendingPathExtension("new")
            try Data("\(token)\n".utf8).write(to: new)
            chmod(new.path, 0o600)
            rename(new.path, file.path)
        }

        private func listen() async throws -> ScriptedClient {
            let client = try ScriptedClient([
                "-addr", "127.0.0.1:\(server.port)", "--listen", "--token-file", file.path,
            ])
            try await client.complains("connected to 127.0.0.1:\(server.port) as al")
            return client
        }

        private func end(_ client: ScriptedClient) async throws {
            client.signal(SIGTERM)
            #expect(try await client.exit() == .exited(143))
            for token in try await server.tokens {
                #expect(!client.errors.contains(token) && !client.output.contains(token))
            }
            try await server.stop()
        }

        @Test("The token tells the name; an expired one is replaced on the same connection by what is in the file then")
        func renewal() async throws {
            let client = try await listen()
            try Self.write("al.second", to: file)
            try await server.expireTokens()
            try await client.complains("the server has accepted the new token")
            #expect(try await server.tokens == ["al.first", "al.second"])
            try await end(client)
        }

        @Test("While the file has the expired token still, the client says so and waits for the file to change")
        func waiting() async throws {
            let client = try await listen()
            try await server.expireTokens()
            try await client.complains("\(file.path) has no other one yet; waiting for it")
            #expect(try await server.tokens == ["al.first"])
            try Self.write("al.second", to: file)
            try await client.complains("the server has accepted the new token")
            #expect(try await server.tokens == ["al.first", "al.second"])
            try await end(client)
        }

        @Test("A revoked token is not presented again; another one is, as soon as it is there")
        func revocation() async throws {
            let client = try await listen()
            try await server.revokeTokens()
            try await client.complains("token was revoked; waiting for another token in \(file.path)")
            #expect(try await server.tokens == ["al.first"])
            try Self.write("al.second", to: file)
            try await client.complains("trying the new token in \(file.path)")
            try await eventually("the new token", seen: { client.errors }) {
                (try? await server.tokens) == ["al.first", "al.second"]
            }
            try await end(client)
        }

        @Test("A token of the environment cannot be renewed: a revoked one ends the client with 77")
        func environment() async throws {
            let client = try ScriptedClient(
                ["-addr", "127.0.0.1:\(server.port)", "--listen"], environment: ["CHAT_TOKEN": "al.only"])
            try await client.complains("as al")
            try await server.revokeTokens()
            #expect(try await client.exit() == .exited(77))
            #expect(client.errors.contains("the server closed the connection: token was revoked"))
            #expect(!client.errors.contains("al.only"))
            try await server.stop()
        }
    }
}
