import NIOCore
import NIOHTTP1
import Testing
import Wire

@testable import ChatServer

struct TrustedProxiesTests {
    private func client(
        peer: String, _ headers: [String], announced: RequestSource.Announcement = .none,
        trusted: String = "10.0.0.0/8,2001:db8:1::/48"
    ) throws -> String? {
        let source = RequestSource(
            peerAddress: try SocketAddress(ipAddress: peer, port: 1), announcement: announced,
            proxies: TrustedProxies(ranges: try AddressRange.list(trusted)))
        return source.client(of: HTTPHeaders(headers.map { ("X-Forwarded-For", $0) }))?.description
    }

    @Test(
        arguments: [
            ("10.0.0.1", ["192.0.2.7"], "192.0.2.7"), ("192.0.2.1", ["198.51.100.1"], "192.0.2.1"),
            ("10.0.0.1", [], "10.0.0.1"),
            ("10.0.0.1", ["1.1.1.1, 192.0.2.7"], "192.0.2.7"), ("10.0.0.1", ["192.0.2.7, 10.0.0.9"], "192.0.2.7"),
            ("10.0.0.1", ["1.1.1.1, 192.0.2.7, 10.0.0.9, 10.0.0.8"], "192.0.2.7"),
            ("10.0.0.1", ["192.0.2.7", "10.0.0.9"], "192.0.2.7"),
            ("10.0.0.1", ["192.0.2.7", "198.51.100.2"], "198.51.100.2"),
            ("10.0.0.1", ["192.0.2.7, nonsense"], "10.0.0.1"),
            ("10.0.0.1", ["192.0.2.7, nonsense, 10.0.0.9"], "10.0.0.9"),
            ("10.0.0.1", ["192.0.2.7,"], "10.0.0.1"), ("10.0.0.1", [""], "10.0.0.1"),
            ("10.0.0.1", ["192.0.2.7:4711"], "192.0.2.7"), ("10.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"),
            ("10.0.0.1", ["[2001:db8::7]"], "2001:db8::7"), ("10.0.0.1", [" 2001:db8::7\t"], "2001:db8::7"),
            ("10.0.0.1", ["::ffff:192.0.2.7"], "192.0.2.7"), ("::ffff:10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
            ("2001:db8:1::1", ["192.0.2.7"], "192.0.2.7"), ("2001:db8:2::1", ["192.0.2.7"], "2001:db8:2::1"),
            ("10.0.0.1", ["10.0.0.2, 10.0.0.3"], "10.0.0.2"), ("10.0.0.1", ["192.0.2.7:"], "10.0.0.1"),
            ("10.0.0.1", ["[192.0.2.7"], "10.0.0.1"), ("10.0.0.1", ["192.0.2.7:x"], "10.0.0.1"),
        ])
    func `the client is the rightmost that no proxy is`(peer: String, headers: [String], expected: String) throws {
        #expect(try client(peer: peer, headers) == expected)
    }

    @Test func `without trusted proxies the header says nothing`() throws {
        #expect(try client(peer: "10.0.0.1", ["192.0.2.7"], trusted: "") == "10.0.0.1")
    }

    @Test func `a PROXY header wins over the other`() throws {
        #expect(try client(peer: "10.0.0.1", ["192.0.2.7"], announced: .client(IPAddress("192.0.2.9"))) == "192.0.2.9")
        #expect(try client(peer: "10.0.0.1", ["192.0.2.7"], announced: .client(nil)) == "10.0.0.1")
    }

    @Test func `whose a socket is, is not known of one of a proxy's, but for its PROXY header`() throws {
        func known(_ peer: String, _ announcement: RequestSource.Announcement) throws -> String? {
            RequestSource(
                peerAddress: try SocketAddress(ipAddress: peer, port: 1), announcement: announcement,
                proxies: TrustedProxies(ranges: try AddressRange.list("10.0.0.0/8"))
            ).connectionClient?.description
        }
        #expect(try known("192.0.2.1", .none) == "192.0.2.1")
        #expect(try known("10.0.0.1", .none) == nil)
        #expect(try known("10.0.0.1", .client(nil)) == nil)
        #expect(try known("10.0.0.1", .client(IPAddress("192.0.2.7"))) == "192.0.2.7")
    }
}
