import Testing

@testable import Wire

struct IPAddressTests {
    @Test(
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8::1", "2001:db8::1"),
            ("::1", "::1"), ("0.0.0.0", "0.0.0.0"), ("fe80::1%eth0", "fe80::1"), ("::", "::"), ("", nil),
            ("1.2.3", nil),
            ("1.2.3.256", nil), ("01.2.3.4", nil), ("1.2.3.4 ", nil), ("localhost", nil), ("::g", nil), ("[::1]", nil),
            ("1.2.3.4:80", nil), ("1\u{0}", nil), (String(repeating: "1", count: 100), nil),
        ] as [(String, String?)])
    func `an address is read and written`(text: String, written: String?) {
        #expect(IPAddress(text)?.description == written)
    }

    @Test func `bytes are an address where there are 4 or 16`() {
        #expect(IPAddress(bytes: [10, 0, 0, 1])?.description == "10.0.0.1")
        #expect(IPAddress(bytes: [0x20, 1] + Array(repeating: 0, count: 13) + [5])?.description == "2001::5")
        #expect(IPAddress(bytes: []) == nil)
        #expect(IPAddress(bytes: [1, 2, 3, 4, 5]) == nil)
    }

    @Test(
        arguments: [
            ("127.0.0.1", true), ("127.200.0.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("::2", false),
            ("128.0.0.1", false), ("10.127.0.1", false),
        ])
    func `loopback is known in both versions`(text: String, isLoopback: Bool) {
        #expect(IPAddress(text)?.isLoopback == isLoopback)
    }

    @Test func `an IPv6 address counts with its network, an IPv4 one alone`() {
        #expect(IPAddress("2001:db8:0:1::1")?.block == IPAddress("2001:db8:0:1:ffff::9")?.block)
        #expect(IPAddress("2001:db8:0:1::1")?.block != IPAddress("2001:db8:0:2::1")?.block)
        #expect(IPAddress("192.0.2.1")?.block == IPAddress("::ffff:192.0.2.1")?.block)
        #expect(IPAddress("192.0.2.1")?.block != IPAddress("192.0.2.2")?.block)
    }

    @Test(
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("192.0.2.0/31", "192.0.2.1", true),
            ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "2001:db8::1", true),
            ("::/0", "192.0.2.1", false), ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false), ("2001:db8::/65", "2001:db8::1", true),
            ("2001:db8::/65", "2001:db8:0:0:8000::", false), ("::ffff:10.0.0.0/104", "10.9.9.9", true),
            ("2001:db8::5", "2001:db8::5", true), ("2001:db8::5/128", "2001:db8::6", false),
        ])
    func `a range holds what has its prefix`(range: String, address: String, isIn: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(try #require(IPAddress(address))) == isIn)
    }

    @Test(
        arguments: [
            "", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/", "10.0.0.0/8/8",
            "2001:db8::/129",
            "2001:db8::1/64", "example.com", "fe80::1%eth0", "10.0.0.0/0008", "*",
        ])
    func `what is no range is refused`(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test func `a list has commas, and names what is wrong in it`() throws {
        #expect(try AddressRange.list("").isEmpty)
        #expect(try AddressRange.list(" 10.0.0.0/8 ,::1 ").count == 2)
        #expect(throws: AddressListError(item: "ten")) { try AddressRange.list("10.0.0.0/8, ten") }
    }
}
