import Foundation
import Testing

extension Integration {
    /// Every way in which an instance can prove itself to a real NATS, and NATS to the instance.
    @Suite("NATS with TLS and credentials", .serialized)
    struct NATSSecurity {
        /// A directory with the files of all ways.
        private struct Files {
            let directory: URL
            let authority: TestAuthority
            let user = TestNKey(.user)
            let `operator` = NATSOperator()

            init(names: String = "DNS:localhost,IP:127.0.0.1") async throws {
                directory = try ScratchDirectory.make("nats-files")
                authority = try await TestAuthority.make(for: names)
                _ = try write("chat.nk", user.seed + "\n")
                _ = try write("other.nk", TestNKey(.user).seed)
                _ = try write("chat.creds", try `operator`.credentials())
                _ = try write("other.creds", try NATSOperator().credentials())
            }

            func write(_ name: String, _ text: String) throws -> String {
                try Data(text.utf8).write(to: directory.appendingPathComponent(name))
                return path(name)
            }

            func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

            func tls(verify: Bool = false) -> String {
                let (certificate, key) = authority.certificate()
                return """
                    tls { cert_file: "\(certificate)", key_file: "\(key)", ca_file: "\(authority.file)", \
                    verify: \(verify) }
                    """
            }
        }

        private func withNATS(
            _ configuration: String, _ body: (NATSServer, Settings) async throws -> Void
        ) async throws {
            let (nats, redis) = (try NATSServer(configuration: configuration), try RedisServer())
            let result: Result<Void, any Error>
            do {
                try await nats.start()
                try await redis.start()
                result = .success(
                    try await body(
                        nats, ["redis_url": .text(redis.url), "startup_timeout_seconds": 60]))
            } catch {
                result = .failure(error)
            }
            await nats.kill9()
            await redis.kill9()
            try result.get()
        }

        /// A way in: what NATS is told, the part of the URL before the port, the settings, and what no output may show.
        struct Way: CustomTestStringConvertible {
            let testDescription: String
            let url: String
            var secret = ""
            var keys: [String] = []
        }

        static let ways = [
            Way(testDescription: "TLS, user and password", url: "tls://chat:p%2F%40%25s@127.0.0.1", secret: "p/@%s"),
            Way(testDescription: "TLS, by name, token", url: "tls://t%2Fk%2Bn@localhost", secret: "t/k+n"),
            Way(
                testDescription: "TLS with a client's certificate", url: "tls://localhost",
                keys: ["nats_certificate_file", "nats_key_file"]),
            Way(testDescription: "an NKEY", url: "nats://127.0.0.1", keys: ["nats_nkey_seed_file"]),
            Way(testDescription: "credentials", url: "nats://127.0.0.1", keys: ["nats_credentials_file"]),
        ]

        private func configuration(of way: Way, _ files: Files) throws -> String {
            if way.keys.contains("nats_credentials_file") { return try files.operator.configuration() }
            if way.keys.contains("nats_nkey_seed_file") {
                return "authorization { users: [ { nkey: \(files.user.publicKey) } ] }"
            }
            if way.keys.contains("nats_key_file") { return files.tls(verify: true) }
            let login =
                way.url.contains("chat:") ? #"user: chat, password: "\#(way.secret)""# : #"token: "\#(way.secret)""#
            return files.tls() + "\nauthorization { \(login) }"
        }

        private func settings(of way: Way, _ files: Files) -> Settings {
            let (certificate, key) = files.authority.certificate()
            let paths = [
                "nats_certificate_file": certificate, "nats_key_file": key,
                "nats_nkey_seed_file": files.path("chat.nk"), "nats_credentials_file": files.path("chat.creds"),
            ]
            var settings = Settings(
                uniqueKeysWithValues: way.keys.map { ($0, SettingValue.text(paths[$0] ?? "")) })
            if way.url.hasPrefix("tls") { settings["nats_ca_file"] = .text(files.authority.file) }
            return settings
        }

        @Test(
            "Each way lets an instance in, again after a restart of NATS, and no secret is in the log", arguments: ways)
        func isLetIn(_ way: Way) async throws {
            let files = try await Files()
            try await withNATS(try configuration(of: way, files)) { nats, settings in
                let settings = settings.with(["nats_url": .text("\(way.url):\(nats.port)"), "log_level": "trace"])
                    .with(self.settings(of: way, files))
                let instance = try ChatInstance("server-secure", settings.filter { $0.key != "port" })
                try await instance.start()
                let alice = try await instance.enterV2("alice", "dev")
                try await alice.say("before", in: "dev")
                try await nats.stop()
                try await eventually("the loss to be noticed") { try await instance.readiness() == 503 }
                try await nats.start()
                try await eventually("NATS to be back") { try await instance.readiness() == 200 }
                try await alice.say("after", in: "dev")
                let status = try await instance.get("/api/status").body + instance.get("/metrics").body
                for secret in [way.secret, files.user.seed, "BEGIN"] where !secret.isEmpty {
                    #expect(!(instance.output + status).contains(secret))
                }
                await instance.kill9()
            }
        }

        private func expectAtOnce(
            _ nats: NATSServer, _ settings: Settings, _ scheme: String, _ words: String...,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let start = ContinuousClock.now
            let run = try await ServerRun.settings(
                Settings.forTests.with(settings).with([
                    "nats_url": .text("\(scheme)127.0.0.1:\(nats.port)"), "port": .number(try FreePort.pick()),
                ]))
            #expect(run.isRefusal, "\(run)", sourceLocation: sourceLocation)
            let verdict = run.lines.last ?? ""
            #expect(verdict.hasPrefix("server: NATS at 127.0.0.1:\(nats.port): "), sourceLocation: sourceLocation)
            for word in words { #expect(verdict.contains(word), "\(run)", sourceLocation: sourceLocation) }
            #expect(ContinuousClock.now - start < .seconds(15), sourceLocation: sourceLocation)
        }

        @Test("What stands in the way of encryption stops the start at once, in words")
        func encryption() async throws {
            let files = try await Files()
            let trust: Settings = ["nats_ca_file": .text(files.authority.file)]
            try await withNATS(files.tls(verify: true)) { nats, settings in
                try await expectAtOnce(nats, settings, "tls://", "not trusted", "nats_ca_file needs its issuer")
                // NATS asks for TLS, whatever the URL says.
                try await expectAtOnce(nats, settings, "nats://", "not trusted", "nats_ca_file needs its issuer")
                // It may get better: NATS does not say why.
                let patience: Settings = ["startup_timeout_seconds": 2]
                try await expectAtOnce(nats, settings.with(trust).with(patience), "tls://", "nats_certificate_file")
            }
            try await withNATS("") { nats, settings in
                try await expectAtOnce(nats, settings.with(trust), "tls://", "its URL must begin with nats://")
            }
            let strange = try await Files(names: "DNS:nats.example.org,IP:127.0.0.2")
            try await withNATS(strange.tls()) { nats, settings in
                let trust: Settings = ["nats_ca_file": .text(strange.authority.file)]
                try await expectAtOnce(nats, settings.with(trust), "tls://", "is for another host")
            }
        }

        @Test("Credentials that NATS does not accept stop the start at once")
        func wrong() async throws {
            let files = try await Files()
            try await withNATS("authorization { users: [ { nkey: \(files.user.publicKey) } ] }") { nats, settings in
                let other: Settings = ["nats_nkey_seed_file": .text(files.path("other.nk"))]
                try await expectAtOnce(nats, settings.with(other), "nats://", "Authorization Violation")
                try await expectAtOnce(nats, settings, "nats://", "Authorization Violation")
            }
            try await withNATS(try files.operator.configuration()) { nats, settings in
                let other: Settings = ["nats_credentials_file": .text(files.path("other.creds"))]
                try await expectAtOnce(nats, settings.with(other), "nats://", "Authorization Violation")
            }
        }

        @Test("A file that cannot be used stops the start with one line that names the key and the path")
        func files() async throws {
            let files = try await Files()
            let (certificate, _) = files.authority.certificate()
            let junk = try files.write("junk", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
            let base: Settings = ["nats_url": "tls://127.0.0.1:1", "redis_url": "redis://127.0.0.1:1"]
            for key in ["nats_ca_file", "nats_nkey_seed_file", "nats_credentials_file", "nats_key_file"] {
                for path in ["/nowhere/file", files.directory.path, junk] {
                    var settings = base.with([key: .text(path)])
                    if key == "nats_key_file" { settings["nats_certificate_file"] = .text(certificate) }
                    for more in [[], ["--check-config"]] {
                        let run = try await ServerRun.settings(settings, more)
                        #expect(run.isRefusal && run.lines.count == 1, "\(run)")
                        #expect(run.output.hasPrefix("server: \(key): \(path) "), "\(run)")
                    }
                }
            }
        }
    }
}
