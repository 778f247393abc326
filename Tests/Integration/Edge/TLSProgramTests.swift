import Foundation
import Testing

extension Integration {
    /// The programs, against a server that ends TLS itself.
    @Suite("The programs with TLS", .serialized)
    struct TLSPrograms {
        private func serving(
            _ pair: (certificate: String, key: String), _ body: (ChatInstance) async throws -> Void
        ) async throws {
            let instance = try ChatInstance(
                "server-tls",
                ["tls_certificate_file": .text(pair.certificate), "tls_private_key_file": .text(pair.key)])
            try instance.launch()
            do {
                try await eventually("it to serve", seen: { instance.logTail }) { instance.output.contains("serving") }
                try await body(instance)
            } catch {
                let failure = ClusterFailure(cause: error, logs: instance.logTail)
                await instance.kill9()
                throw failure
            }
            await instance.kill9()
        }

        private func once(_ instance: ChatInstance, host: String = "localhost", _ more: [String]) async throws -> (
            ExitStatus, String
        ) {
            let (status, client) = try await ScriptedClient.run(
                ["-addr", "wss://\(host):\(instance.port)", "-username", "al", "--once", "through TLS"] + more
                    + ["--timeout", "2"])
            return (status, client.errors)
        }

        @Test("chat-client comes in by name and by address, and says why it does not")
        func client() async throws {
            let authority = try await TestAuthority.make()
            let other = try await TestAuthority.make()
            try await authority.issue("elsewhere", for: "DNS:elsewhere.example")
            try await serving(authority.certificate()) { instance in
                for host in ["localhost", "127.0.0.1"] {
                    let (status, errors) = try await once(instance, host: host, ["--ca", authority.file])
                    #expect(status == .exited(0), "\(errors)")
                }
                let (status, errors) = try await once(instance, ["--ca", other.file])
                #expect(status == .exited(69))
                #expect(errors.contains("an authority that is not trusted here"), "\(errors)")
            }
            try await serving(authority.certificate("elsewhere")) { instance in
                let (status, errors) = try await once(instance, ["--ca", authority.file])
                #expect(status == .exited(69))
                #expect(errors.contains("its certificate is for another host name or address"), "\(errors)")
            }
        }

        @Test("A certificate that is over is presented with a warning, and refused by clients")
        func expired() async throws {
            let authority = try await TestAuthority.make()
            try await authority.expire()
            try await Task.sleep(for: .seconds(2))  // it is valid in the second in which it was made
            try await serving(authority.certificate("late")) { instance in
                #expect(instance.output.contains("has expired"))
                let (status, errors) = try await once(instance, ["--ca", authority.file])
                #expect(status == .exited(69))
                #expect(errors.contains("its certificate expired on "), "\(errors)")
            }
        }

        @Test("chat-bench checks every guarantee, and measures, over TLS")
        func bench() async throws {
            let authority = try await TestAuthority.make()
            try await serving(authority.certificate()) { instance in
                let runs = [
                    ["verify", "--clients", "8", "--rooms", "2", "--seconds", "2", "--rate", "40", "--mischief", "2"],
                    ["load", "fanout", "--members", "10", "--seconds", "1", "--warmup", "0.2", "--rate", "20"],
                ]
                for arguments in runs {
                    let directory = try ScratchDirectory.make("bench")
                    let child = try ChildProcess(
                        "chat-bench", Product.bench(),
                        arguments + ["--addr", "wss://localhost:\(instance.port)", "--ca", authority.file],
                        directory: directory, log: directory.appendingPathComponent("log.txt"))
                    #expect(try await child.exit(within: .seconds(60)) == .exited(0), "\(child.logTail())")
                }
            }
        }

        @Test("The health check asks over TLS, whatever the certificate is for")
        func health() async throws {
            let authority = try await TestAuthority.make(for: "DNS:chat.example")
            try await serving(authority.certificate()) { instance in
                let run = try await ServerRun.settings(instance.settings, ["--health"])
                #expect(run.status == .exited(0), "\(run)")
            }
        }

        @Test("The server does not start, and --check-config says why, where the files cannot be used")
        func refused() async throws {
            let authority = try await TestAuthority.make()
            try await authority.issue("second")
            let (certificate, key) = authority.certificate()
            let cases: [(certificate: String, key: String, words: String)] = [
                ("/nowhere.pem", key, "tls_certificate_file: /nowhere.pem cannot be read"),
                (certificate, "/nowhere.key", "tls_private_key_file: /nowhere.key cannot be read"),
                (certificate, authority.certificate("second").key, "does not belong to the first certificate of"),
                (key, key, "holds no certificate in PEM format"),
                (certificate, "", "tls_private_key_file: missing, while tls_certificate_file is set"),
            ]
            for (certificate, key, words) in cases {
                let settings = Settings.forTests.with([
                    "tls_certificate_file": .text(certificate), "tls_private_key_file": .text(key), "port": 0,
                ])
                for more in [[], ["--check-config"]] {
                    let run = try await ServerRun.settings(settings, more)
                    #expect(run.isRefusal && run.output.contains(words), "\(words)\n\(run)")
                }
            }
        }
    }
}
