import InfrastructureNATS
import Testing

@testable import InfrastructureConfiguration

struct NATSConfigurationTests {
    private func refusal(_ settings: [String: String], url: String = "tls://a") -> String? {
        do throws(ConfigurationError) {
            let addresses = url.isEmpty ? [:] : ["NATS_URL": url, "REDIS_URL": "redis://b"]
            _ = try ChatConfiguration.load(path: nil, environment: settings.merging(addresses) { $1 })
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `files that go together are taken`() {
        let chain = ["NATS_CERTIFICATE_FILE": "/c", "NATS_KEY_FILE": "/k"]
        #expect(refusal(chain.merging(["NATS_CA_FILE": "/ca"]) { $1 }) == nil)
        #expect(refusal(chain, url: "nats://a,tls://b") == nil)
        #expect(refusal(chain, url: "tls://user:password@a") == nil)
        #expect(refusal(["NATS_NKEY_SEED_FILE": "/s"], url: "nats://a") == nil)
        #expect(refusal(["NATS_CREDENTIALS_FILE": "/s"]) == nil)
        // An embedded server has no NATS; what is said about it may stay in the file.
        #expect(refusal(["NATS_CREDENTIALS_FILE": "/s", "NATS_CA_FILE": "/ca"], url: "") == nil)
    }

    @Test(arguments: [
        (["NATS_CERTIFICATE_FILE": "/c"], "tls://a", "nats_key_file: missing, while nats_certificate_file is set"),
        (["NATS_KEY_FILE": "/k"], "tls://a", "nats_certificate_file: missing, while nats_key_file is set"),
        (["NATS_KEY_FILE": "/k"], "", "nats_certificate_file: missing, while nats_key_file is set"),
        (["NATS_CA_FILE": "/ca"], "nats://a", "nats_ca_file: set, while nats_url asks for no encryption"),
        (
            ["NATS_CERTIFICATE_FILE": "/c", "NATS_KEY_FILE": "/k"], "nats://a",
            "nats_certificate_file: set, while nats_url asks for no encryption"
        ),
        (
            ["NATS_NKEY_SEED_FILE": "/s", "NATS_CREDENTIALS_FILE": "/c"], "tls://a",
            "nats_nkey_seed_file: set, while nats_credentials_file is set"
        ),
        (["NATS_NKEY_SEED_FILE": "/s"], "nats://u:s3cret@a", "nats_nkey_seed_file: set, while nats_url has a user"),
        (["NATS_CREDENTIALS_FILE": "/s"], "nats://b,nats://s3cret@a", "nats_credentials_file: set, while nats_url has"),
    ])
    func `files that contradict each other or the URL are refused`(
        settings: [String: String], url: String, words: String
    ) {
        let refusal = refusal(settings, url: url) ?? ""
        #expect(refusal.hasPrefix(words), "\(refusal)")
        #expect(!refusal.contains("s3cret"))
    }

    @Test(arguments: [
        ("NATS_CA_FILE", "nats_ca_file"), ("NATS_NKEY_SEED_FILE", "nats_nkey_seed_file"),
        ("NATS_CREDENTIALS_FILE", "nats_credentials_file"),
    ])
    func `a file that is not there is named with its key`(variable: String, key: String) throws {
        let configuration = try ChatConfiguration.load(
            path: nil, environment: [variable: "/nowhere/x", "NATS_URL": "tls://a", "REDIS_URL": "redis://b"])
        let error = #expect(throws: ConfigurationError.self) { try configuration.natsAccess() }
        #expect(error?.description.hasPrefix("\(key): /nowhere/x cannot be read; ") == true)
    }
}
