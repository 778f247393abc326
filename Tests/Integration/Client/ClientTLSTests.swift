import Foundation
import Testing

extension Integration {
    /// `chat-client` through a proxy that speaks TLS.
    @Suite("chat-client with TLS", .serialized, .embedded)
    struct ClientTLSTests {
        private func once(_ address: String, _ more: [String] = []) async throws -> (ExitStatus, String) {
            let (status, client) = try await ScriptedClient.run(
                ["-addr", address, "-username", "al", "--once", "through TLS", "--timeout", "1"] + more)
            return (status, client.errors)
        }

        @Test("With the authority of its server, by name and by address")
        func trusted() async throws {
            let authority = try await TestAuthority.make()
            let (certificate, key) = authority.certificate()
            let proxy = try await TLSProxy.start(
                certificate: certificate, key: key, to: Cluster.current[0].port)
            let witness = try await Cluster.current[0].enter("witness")
            for address in ["wss://localhost:\(proxy.port)", "https://127.0.0.1:\(proxy.port)/"] {
                let (status, errors) = try await once(address, ["--ca", authority.file])
                #expect(status == .exited(0), "\(errors)")
                try await witness.hearsSooner(said: "through TLS")
            }
            await proxy.stop()
            try await witness.close()
        }

        @Test("An authority that is not known, a wrong name, and no TLS at all are told apart")
        func distrusted() async throws {
            let authority = try await TestAuthority.make(for: "DNS:elsewhere.example")
            let other = try await TestAuthority.make()
            let (certificate, key) = authority.certificate()
            let port = try Cluster.current[0].port
            let proxy = try await TLSProxy.start(certificate: certificate, key: key, to: port)
            let cases = [
                (proxy.port, ["--ca", other.file], "an authority that is not trusted here"),
                (proxy.port, [], "an authority that is not trusted here"),
                (proxy.port, ["--ca", authority.file], "its certificate is for another host name or address"),
                (port, ["--ca", authority.file], "it does not speak TLS on this port"),
            ]
            for (port, more, words) in cases {
                let (status, errors) = try await once("wss://localhost:\(port)", more)
                #expect(status == .exited(69))
                #expect(errors.contains(words), "\(errors)")
            }
            await proxy.stop()
        }

        @Test("A certificate that has expired is said to have")
        func expired() async throws {
            let authority = try await TestAuthority.make()
            try await authority.expire()
            let (certificate, key) = authority.certificate("late")
            let proxy = try await TLSProxy.start(certificate: certificate, key: key, to: Cluster.current[0].port)
            // It is valid in the second in which it was made.
            try await eventually("the certificate to be over") {
                let (_, errors) = try await once("wss://localhost:\(proxy.port)", ["--ca", authority.file])
                return errors.contains("its certificate expired on 20")
            }
            await proxy.stop()
        }

        @Test("A file of authorities that holds none is wrong usage")
        func noAuthorities() async throws {
            let file = try ScratchDirectory.make("ca").appendingPathComponent("ca.pem")
            try Data("not a certificate\n".utf8).write(to: file)
            let (status, errors) = try await once("wss://localhost:1", ["--ca", file.path])
            #expect(status == .exited(2))
            #expect(errors.contains(file.path))
        }
    }
}
