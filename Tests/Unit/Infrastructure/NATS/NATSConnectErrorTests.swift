import CNATS
import Testing

@testable import InfrastructureNATS

struct NATSConnectErrorTests {
    private func failure(
        _ status: natsStatus, _ greeting: NATSGreeting? = nil, host: String = "a"
    ) throws -> NATSConnectError.Failure {
        .init(
            server: try NATSServerURL("nats://user:s3cret@\(host):4222"), error: NATSError(status, detail: ""),
            greeting: greeting)
    }

    private let nats = NATSGreeting.nats(NATSServerInfo(hasJetStream: true, isInCluster: false))

    @Test func `who is refused, or has reached another program, need not wait`() throws {
        #expect(try NATSConnectError([failure(NATS_CONNECTION_AUTH_FAILED)]).isPermanent)
        #expect(try NATSConnectError([failure(NATS_SECURE_CONNECTION_REQUIRED)]).isPermanent)
        #expect(try NATSConnectError([failure(NATS_TIMEOUT, .other)]).isPermanent)
        let untrusted = NATSError(
            NATS_SSL_ERROR, detail: "SSL handshake error: 18:self-signed certificate:depth=0:cert=/CN=x:issuer=/CN=x")
        let server = try NATSServerURL("tls://a")
        #expect(NATSConnectError([.init(server: server, error: untrusted)]).isPermanent)
        #expect(try !NATSConnectError([failure(NATS_SSL_ERROR)]).isPermanent)
        for greeting in [nil, nats, .silence, .nobody] as [NATSGreeting?] {
            #expect(try !NATSConnectError([failure(NATS_TIMEOUT, greeting)]).isPermanent)
        }
    }

    @Test func `of several servers one that may yet come up is worth waiting for`() throws {
        let refused = try failure(NATS_CONNECTION_AUTH_FAILED)
        #expect(NATSConnectError([refused, refused]).isPermanent)
        #expect(try !NATSConnectError([refused, failure(NATS_NO_SERVER, .nobody)]).isPermanent)
    }

    @Test func `what answers is named for what it is, and no password is`() throws {
        #expect(try "\(NATSConnectError([failure(NATS_TIMEOUT, .other)]))".contains("not as a NATS server"))
        #expect(try "\(NATSConnectError([failure(NATS_TIMEOUT, .silence)]))".contains("says nothing"))
        let several = try NATSConnectError([
            failure(NATS_NO_SERVER, .nobody), failure(NATS_CONNECTION_AUTH_FAILED, host: "b"),
        ])
        #expect("\(several)".hasPrefix("a:4222: No server") && "\(several)".contains("; b:4222: "))
        #expect(!"\(several)".contains("s3cret"))
    }
}

struct NATSGreetingTests {
    private func greeting(_ text: String, answer: String = "") -> NATSGreeting {
        NATSGreeting(greeting: Array(text.utf8), answer: Array(answer.utf8))
    }

    @Test func `a NATS server says what it has`() {
        #expect(
            greeting("INFO {\"version\":\"2.9.10\",\"jetstream\":true,\"max_payload\":1048576} \r\n")
                == .nats(NATSServerInfo(hasJetStream: true, isInCluster: false, maximumPayload: 1_048_576)))
        #expect(
            greeting("INFO {\"cluster\":\"chat\"}\r\nPING\r\n")
                == .nats(NATSServerInfo(hasJetStream: false, isInCluster: true)))
        // Nothing is concluded from what cannot be read.
        #expect(greeting("INFO what") == .nats(NATSServerInfo(hasJetStream: true, isInCluster: true)))
    }

    @Test func `whatever else is said is another program's, and silence is nobody's`() {
        #expect(greeting("SSH-2.0-OpenSSH_9.2\r\n") == .other)
        #expect(greeting("", answer: "+PONG\r\n") == .other)
        #expect(greeting("", answer: "HTTP/1.1 400 Bad Request\r\n") == .other)
        #expect(greeting("") == .silence)
    }
}
