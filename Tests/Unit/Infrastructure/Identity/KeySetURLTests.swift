import Testing

@testable import InfrastructureIdentity

struct KeySetURLTests {
    @Test(
        arguments: [
            ("https://issuer.example/jwks.json", "issuer.example", 443, "/jwks.json", "issuer.example"),
            ("HTTPS://issuer.example", "issuer.example", 443, "/", "issuer.example"),
            ("https://issuer.example:8443/a%20b?c=d", "issuer.example", 8443, "/a%20b?c=d", "issuer.example:8443"),
            ("http://127.0.0.1:9000/keys", "127.0.0.1", 9000, "/keys", "127.0.0.1:9000"),
            ("http://[::1]/keys", "::1", 80, "/keys", "[::1]"),
            ("http://localhost:80/", "localhost", 80, "/", "localhost"),
        ])
    func `a URL says whom to ask for what`(
        text: String, host: String, port: Int, target: String, authority: String
    ) throws {
        let url = try KeySetURL(text)
        #expect(url.host == host && url.port == port && url.target == target && url.authority == authority)
        #expect(url.isEncrypted == text.lowercased().hasPrefix("https"))
    }

    @Test(
        arguments: [
            "http://issuer.example/", "http://10.0.0.1/", "http://128.0.0.1/", "http://[::2]/",
            "http://127.0.0.1.example/",
            "http://localhost.example/", "http://2130706433/",
        ])
    func `what leaves the machine is encrypted`(text: String) {
        #expect(throws: KeySetURLError.unencrypted) { try KeySetURL(text) }
    }

    @Test(
        arguments: [
            "", "issuer.example", "ftp://issuer.example/", "https://", "https:///keys", "https://a b/",
            "https://a/\r\nx",
            "https://user:secret@issuer.example/", "https://issuer.example/#keys", "https://issuer.example:0/",
            "https://issuer.example:99999/", "file:///etc/passwd",
        ])
    func `anything else is no such URL`(text: String) {
        #expect(throws: KeySetURLError.malformed) { try KeySetURL(text) }
    }
}
