import Domain
import Testing

@testable import ChatServer

struct ServerCertificateTests {
    private let files = CertificateFiles(certificate: "c.pem", privateKey: "k.pem")

    private func words(_ certificate: String, _ key: String) -> String? {
        do throws(CertificateError) {
            _ = try ServerCertificate(
                certificatePEM: Array(certificate.utf8), privateKeyPEM: Array(key.utf8), of: files)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `a pair that belongs together can be used`() {
        #expect(words(TestPair.first.certificate, TestPair.first.key) == nil)
    }

    @Test func `a chain begins with the server's own certificate`() {
        let (first, second) = (TestPair.first, TestPair.second)
        #expect(words(first.certificate + second.certificate, first.key) == nil)
        #expect(words(second.certificate + first.certificate, first.key)?.hasPrefix("tls_private_key_file") == true)
    }

    @Test(arguments: [
        (TestPair.first.certificate, TestPair.second.key, "tls_private_key_file: k.pem does not belong to the first"),
        ("", TestPair.first.key, "tls_certificate_file: c.pem holds no certificate"),
        (TestPair.first.key, TestPair.first.key, "tls_certificate_file: c.pem holds no certificate"),
        (TestPair.first.certificate, "", "tls_private_key_file: k.pem holds no private key"),
        (TestPair.first.certificate, TestPair.first.certificate, "tls_private_key_file: k.pem holds no private key"),
        (
            String(TestPair.first.certificate.prefix(300)), TestPair.first.key,
            "tls_certificate_file: c.pem holds no certificate"
        ),
        (TestPair.first.certificate, TestPair.encryptedKey, "tls_private_key_file: k.pem is encrypted"),
        (TestPair.first.certificate, TestPair.traditionallyEncryptedKey, "tls_private_key_file: k.pem is encrypted"),
    ])
    func `what cannot be used is said with the key of the configuration`(
        _ certificate: String, _ key: String, _ expected: String
    ) {
        #expect(words(certificate, key)?.hasPrefix(expected) == true, "\(words(certificate, key) ?? "accepted")")
    }

    @Test func `it is valid from its first second to its last`() throws {
        let pair = TestPair.first
        let certificate = try ServerCertificate(
            certificatePEM: Array(pair.certificate.utf8), privateKeyPEM: Array(pair.key.utf8), of: files)
        let (first, last) = (certificate.validSeconds.lowerBound, certificate.validSeconds.upperBound)
        func validity(_ second: Int) -> ServerCertificate.Validity {
            certificate.validity(at: Timestamp(millisecondsSince1970: Int64(second) * 1000))
        }
        #expect(validity(first - 1) == .notYet)
        #expect(validity(first) == .valid && validity(last) == .valid)
        #expect(validity(last + 1) == .over)
    }
}
