import Crypto
import Foundation
import Wire

/// Tokens with any header and any claims, right or wrong, signed by hand.
enum SignedToken {
    static let secret = "a secret that is long enough for HS256"

    /// Seconds since 1970, that much from now.
    static func time(_ seconds: Int = 0) -> Int { Int(Date().timeIntervalSince1970) + seconds }

    /// A token that is good for an hour.
    ///
    /// - Parameter claims: further ones, as they stand in the JSON, each with a comma in front.
    static func good(_ name: String, _ claims: String = "") -> String {
        make(#"{"sub":"\#(name)","exp":\#(time(3600))\#(claims)}"#)
    }

    static func make(_ claims: String, header: String = #"{"alg":"HS256"}"#, secret: String = secret) -> String {
        let signed = base64URL(header.utf8) + "." + base64URL(claims.utf8)
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(signed.utf8), using: SymmetricKey(data: Array(secret.utf8)))
        return signed + "." + base64URL(code)
    }

    static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

extension ChatInstance {
    /// The answer to an upgrade that is refused; nil for one that is not.
    func refusal(_ query: String = "", token: String?, v2: Bool = true) async throws -> HTTPAnswer? {
        do {
            try await socket(query, token: token, v2: v2).close()
            return nil
        } catch let refused as UpgradeRefused {
            return refused.answer
        }
    }

    /// Connects with a token, and without a username.
    func socket(_ query: String = "", token: String?, v2: Bool = true) async throws -> WebSocketClient {
        let headers = (v2 ? [Self.v2] : []) + (token.map { ["Authorization: Bearer \($0)"] } ?? [])
        return try await client("somebody", path: "/ws" + query, headers: headers)
    }

    /// Connects a client of `chat.v2` with a token; its first frame is a `welcome`.
    func bearer(_ token: String, _ query: String = "") async throws -> V2Client {
        let socket = try await socket(query, token: token)
        let first = try await socket.texts.next("a welcome")
        guard case .welcome(let welcome)? = (try? V2Frame(json: first.bytes))?.event else {
            throw Unexpected("somebody with a token was to be welcomed and got \(first)")
        }
        return V2Client(socket: socket, welcome: welcome)
    }
}
