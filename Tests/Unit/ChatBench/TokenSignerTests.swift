import Foundation
import Testing
import Wire

@testable import ChatBench

@Suite struct TokenSignerTests {
    private let signer = TokenSigner(secret: "0123456789abcdef0123456789abcdef", issuedAt: 1_700_000_000)

    /// Made by PyJWT.
    @Test func `A token is what an independent library makes of the same claims`() {
        #expect(
            signer.token(for: "alice")
                == "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSIsImlhdCI6MTcwMDAwMDAwMCwi"
                + "ZXhwIjoxNzAwMDg2NDAwfQ.AxY93_K8DHP4QDSf3DyFNOEIinwWSxqeavt8tMMSWv4")
    }

    @Test func `A name of any characters is a claim in JSON, and the token has characters of base64url only`() throws {
        let token = signer.token(for: "v1-\"é\u{1F600}")
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        #expect(parts.count == 3 && parts.allSatisfy { !$0.isEmpty })
        let isAllowed = token.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        #expect(isAllowed)
        var claims = parts[1].replacing("-", with: "+").replacing("_", with: "/")
        claims += String(repeating: "=", count: (4 - claims.count % 4) % 4)
        let object = try JSONObject(Array(try #require(Data(base64Encoded: String(claims)))))
        #expect(try object.text("sub") == "v1-\"é\u{1F600}")
        #expect(try object.whole("exp", as: Int64.self) == 1_700_086_400)
    }

    @Test func `Another secret gives another signature`() {
        let other = TokenSigner(secret: "another secret of more than 32 bytes", issuedAt: 1_700_000_000)
        #expect(signer.token(for: "alice") != other.token(for: "alice"))
    }
}
