import Testing

@testable import InfrastructureIdentity

struct Base64URLTests {
    @Test(
        arguments: [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")])
    func `the examples of RFC 4648 without padding`(plain: String, text: String) {
        #expect(Base64URL.encode(plain.utf8) == text)
        #expect(Base64URL.decode(text.utf8) == Array(plain.utf8))
    }

    @Test func `each byte comes back, in the alphabet of URLs`() {
        let bytes = (0...255).map { UInt8($0) } + [0xFB, 0xEF, 0xFF]
        let text = Base64URL.encode(bytes)
        #expect(text.contains("-") && text.contains("_"))
        #expect(Base64URL.decode(text.utf8) == bytes)
    }

    @Test(arguments: ["Zg==", "Z", "Zm9vY", "Zm 9v", "Zm+v", "Zm/v", "Zm9v\n", "é"])
    func `anything else is none of it`(text: String) { #expect(Base64URL.decode(text.utf8) == nil) }

    @Test(arguments: ["Zh", "Zm9"])
    func `bits that say nothing are zero, so that bytes have one spelling`(text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }
}
