import Foundation

/// A certificate authority that nobody knows but the test, with one certificate for `localhost` and 127.0.0.1.
struct TestAuthority {
    let directory: URL

    /// What clients have to trust.
    var file: String { path("ca.pem") }

    /// - Parameter names: as OpenSSL writes them.
    static func make(for names: String = "DNS:localhost,IP:127.0.0.1") async throws -> TestAuthority {
        let authority = TestAuthority(directory: try ScratchDirectory.make("authority"))
        try await authority.request("ca", "/CN=Nobody's authority", [])
        try await authority.issue("server", for: names)
        return authority
    }

    /// Makes one more certificate, with a key of its own, which ``certificate(_:)`` knows by `name`.
    func issue(_ name: String, for names: String = "DNS:localhost,IP:127.0.0.1") async throws {
        try await request(
            name, "/CN=\(name)",
            [
                "-CA", file, "-CAkey", path("ca.key"), "-addext", "subjectAltName=\(names)",
                "-addext", "basicConstraints=critical,CA:FALSE",
            ])
    }

    /// Makes a Redis, or a sentinel, speak TLS on that port.
    func settings(port: Int, clients: String = "no") -> [String] {
        [
            "tls-port \(port)", "tls-cert-file \(path("server.pem"))", "tls-key-file \(path("server.key"))",
            "tls-ca-cert-file \(file)", "tls-auth-clients \(clients)",
        ]
    }

    /// A certificate that is over as soon as it is made.
    func expire() async throws {
        let keys = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        try await run(
            ["req", "-new", "-subj", "/CN=late", "-keyout", path("late.key"), "-out", path("late.csr")] + keys)
        try await run([
            "x509", "-req", "-in", path("late.csr"), "-CA", file, "-CAkey", path("ca.key"), "-CAcreateserial",
            "-days", "0", "-out", path("late.pem"),
        ])
    }

    private func run(_ arguments: [String]) async throws {
        let child = try ChildProcess(
            "openssl", "openssl", arguments, directory: directory, log: directory.appendingPathComponent("log.txt"))
        guard try await child.exit() == .exited(0) else { throw SpawnFailed(description: child.logTail()) }
    }

    /// Of `server` or, after ``expire()``, of `late`.
    func certificate(_ name: String = "server") -> (certificate: String, key: String) {
        (path("\(name).pem"), path("\(name).key"))
    }

    private func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    private func request(_ name: String, _ subject: String, _ more: [String]) async throws {
        try await run(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-keyout", path("\(name).key"), "-out", path("\(name).pem"), "-subj", subject,
            ] + more)
    }
}
