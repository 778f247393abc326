import NIOCore
import NIOSSL
import Testing

@testable import ChatServer

struct HandshakeFailureTests {
    /// What the library says, as far as it matters.
    private struct Said: Error, CustomStringConvertible {
        let description: String
    }

    @Test(arguments: [
        ("[error:1000009c:SSL routines:OPENSSL_internal:HTTP_REQUEST]", HandshakeFailure.notTLS),
        ("[error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER]", .notTLS),
        ("[error:100000f0:SSL routines:OPENSSL_internal:UNSUPPORTED_PROTOCOL]", .noAgreement),
        ("[error:100000b8:SSL routines:OPENSSL_internal:NO_SHARED_CIPHER]", .noAgreement),
        ("[error:10000418:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA]", .refused),
        ("[error:10000089:SSL routines:OPENSSL_internal:DECODE_ERROR]", .broken),
        ("something else", .broken),
    ])
    func `a reason is told by what the library says`(_ text: String, _ failure: HandshakeFailure) {
        #expect(HandshakeFailure(Said(description: text)) == failure)
    }

    @Test func `a connection that ends is not broken`() {
        #expect(HandshakeFailure(NIOSSLError.uncleanShutdown) == .ended)
        #expect(HandshakeFailure(IOError(errnoCode: 104, reason: "read")) == .ended)
        #expect(HandshakeFailure(ChannelError.eof) == .ended)
    }

    @Test func `a hello is told from a request`() {
        #expect(HandshakeFailure.isHello(ByteBuffer(bytes: [22, 3, 1, 2, 0])))
        #expect(!HandshakeFailure.isHello(ByteBuffer(bytes: [22])))
        #expect(!HandshakeFailure.isHello(ByteBuffer(string: "GET / HTTP/1.1")))
        #expect(!HandshakeFailure.isHello(ByteBuffer()))
    }
}
