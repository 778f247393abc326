import Domain
import Service
import Testing
import Wire

@testable import InfrastructureIdentity

struct CompactTokenTests {
    /// RFC 7515, appendices A.1 to A.3, and RFC 7519 §3.1: one set of claims, signed in three ways.
    private static let claims =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    private func check(_ token: CompactToken) {
        guard case .text(let issuer) = token.claims["iss"] else {
            Issue.record("no issuer")
            return
        }
        #expect(issuer == "joe")
    }

    @Test func `the example of RFC 7515 for HS256`() throws {
        let secret = try #require(
            Base64URL.decode(
                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow".utf8))
        let token = try CompactToken(
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\(Self.claims).dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(try #require(VerificationKey(secret: secret)).verifies(token))
        check(token)
    }

    @Test func `the example of RFC 7515 for RS256`() throws {
        let key = """
            {"kty":"RSA","e":"AQAB","n":"\
            ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pC\
            gNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg6\
            65xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRW\
            yuXpoQ"}
            """
        let token = try CompactToken(
            """
            eyJhbGciOiJSUzI1NiJ9.\(Self.claims).\
            cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t\
            1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12j\
            zDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQ\
            Ge77Rw
            """)
        #expect(try #require(VerificationKey(jwk: try JSONObject(key.utf8))).verifies(token))
        check(token)
    }

    @Test func `the example of RFC 7515 for ES256`() throws {
        let key = """
            {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",\
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
            """
        let token = try CompactToken(
            """
            eyJhbGciOiJFUzI1NiJ9.\(Self.claims).\
            DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q
            """)
        #expect(try #require(VerificationKey(jwk: try JSONObject(key.utf8))).verifies(token))
        check(token)
    }

    @Test func `the unsecured example of RFC 7519 is refused`() {
        let error = #expect(throws: AuthenticationError.self) {
            try CompactToken("eyJhbGciOiJub25lIn0.\(Self.claims).")
        }
        #expect(error?.description == "the token's algorithm is not accepted")
    }

    private static func token(_ header: String, claims: String = "{}", signature: String = "AA") -> String {
        Base64URL.encode(header.utf8) + "." + Base64URL.encode(claims.utf8) + "." + signature
    }

    @Test(
        arguments: [
            "", ".", "..", "...", "a.b", "a.b.c", "e30.e30.", token("{}"), token("[]"), token("{"), token("\u{FEFF}{}"),
            token(#"{"alg":7}"#), token(#"{"alg":"HS256","alg":"HS256"}"#), token(#"{"alg":"HS256","kid":7}"#),
            token(#"{"alg":"HS256","kid":null}"#), token(#"{"alg":"HS256"}"#, claims: "[]"),
            token(#"{"alg":"HS256"}"#, claims: #"{"sub":"a","sub":"b"}"#), token(#"{"alg":"HS256"}"#, signature: "A"),
            token(#"{"alg":"HS256"}"#, signature: "AA=="), token(#"{"alg":"HS256"}"#) + ".",
            token(#"{"alg":"HS256"}"#) + "\n", " " + token(#"{"alg":"HS256"}"#),
            token(#"{"alg":"HS256"}"#, claims: #"{"a":"# + String(repeating: "[", count: 8000)),
            token(#"{"alg":"HS256","kid":""# + String(repeating: "k", count: 513) + #""}"#),
        ])
    func `what is malformed is refused, in words that do not repeat it`(text: String) {
        let error = #expect(throws: AuthenticationError.self) { try CompactToken(text) }
        #expect(error?.description == "the token is not a well-formed signed JSON Web Token")
    }

    @Test(arguments: ["none", "None", "NONE", "", "HS512", "hs256", "RS384", "ES256K", "HS256 "])
    func `any other algorithm is refused`(name: String) {
        let error = #expect(throws: AuthenticationError.self) { try CompactToken(Self.token(#"{"alg":"\#(name)"}"#)) }
        #expect(error?.description == "the token's algorithm is not accepted")
    }

    @Test func `a token is read up to its greatest length, and not beyond`() throws {
        let header = Base64URL.encode(#"{"alg":"HS256"}"#.utf8)
        let tail = ".e30.AAAA"
        let padding = CompactToken.maximumBytes - header.utf8.count - tail.utf8.count
        let longest = header + ".e30." + String(repeating: "A", count: (padding + 4) / 4 * 4)
        let fitting = longest.utf8.count <= CompactToken.maximumBytes ? longest : String(longest.dropLast(4))
        _ = try CompactToken(fitting)
        let error = #expect(throws: AuthenticationError.self) {
            try CompactToken(fitting + String(repeating: "A", count: 8))
        }
        #expect(error?.description == "the token is too long: at most 16384 bytes")
        #expect(throws: AuthenticationError.self) { try CompactToken(String(repeating: "a", count: 10_000_000)) }
    }
}
