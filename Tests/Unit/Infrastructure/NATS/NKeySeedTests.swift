import Crypto
import Testing

@testable import InfrastructureNATS

struct NKeySeedTests {
    /// Of the documentation of NATS.
    private let text = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"

    @Test func `a seed gives the public key that NATS knows the user by`() throws {
        let seed = try #require(NKeySeed(text))
        #expect(seed.publicKey == "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4")
        #expect(seed.text == text)
    }

    @Test func `a seed is in no description`() throws {
        let seed = try #require(NKeySeed(text))
        var dumped = ""
        dump(seed, to: &dumped)
        for shown in ["\(seed)", String(reflecting: seed), dumped] { #expect(!shown.contains(text.dropFirst(4))) }
    }

    @Test func `whatever is no seed of a user is refused`() throws {
        let changed = text.replacing("CSSL", with: "CSSM")
        let account = "SAANDLKMXL6CUS3CP52WIXBEDN6YJ545GDKC65U5JZPPV6WH6ESWUA6YAI"
        for other in ["", "SU", changed, text.lowercased(), String(text.dropLast()), text + "A", account] {
            #expect(NKeySeed(other) == nil, "\(other)")
        }
    }

    @Test func `a file may have other lines around the seed`() {
        for file in [
            text, "\n  \(text)\r\n", "# chat\n-----BEGIN USER NKEY SEED-----\n\(text)\n------END USER NKEY SEED------",
        ] {
            #expect(NKeySeed.first(in: file)?.text == text)
        }
        #expect(NKeySeed.first(in: "nothing of that kind") == nil)
    }

    @Test func `a file of credentials has a token and a seed`() throws {
        let file = """
            -----BEGIN NATS USER JWT-----
            aaa.bbb.ccc
            ------END NATS USER JWT------

            ************************* IMPORTANT *************************
            -----BEGIN USER NKEY SEED-----
            \(text)
            ------END USER NKEY SEED------
            """
        for written in [file, file.replacing("\n", with: "\r\n")] {
            let credentials = try #require(CredentialsFile(written))
            #expect(credentials.token == "aaa.bbb.ccc" && credentials.seed.text == text)
        }
        for broken in [
            "", text, "aaa.bbb.ccc", file.replacing(text, with: ""), file.replacing("aaa.bbb.ccc", with: "aaa.bbb"),
            file.replacing("BEGIN NATS USER JWT", with: ""), file.replacing("BEGIN USER NKEY SEED", with: ""),
        ] {
            #expect(CredentialsFile(broken) == nil)
        }
    }

    @Test(arguments: [
        ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
    ])
    func `base 32 is that of RFC 4648`(text: String, encoded: String) {
        #expect(Base32.encoded(text.utf8) == encoded)
        #expect(Base32.decoded(encoded.utf8) == Array(text.utf8))
        #expect(Base32.decoded("M0".utf8) == nil)
    }

    @Test func `the check is the CRC that its list of examples says`() {
        #expect(CRC16.of("123456789".utf8) == 0x31C3)
    }
}
