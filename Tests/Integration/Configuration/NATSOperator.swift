import Crypto
import Foundation

@testable import InfrastructureNATS

/// An NKEY of any kind, with the tokens that it signs.
struct TestNKey {
    enum Kind: UInt8 {
        case account = 0
        case `operator` = 112
        case user = 160
    }

    private let key = Curve25519.Signing.PrivateKey()
    private let kind: Kind

    init(_ kind: Kind) { self.kind = kind }

    private static func written(_ bytes: [UInt8]) -> String {
        let code = CRC16.of(bytes)
        return Base32.encoded(bytes + [UInt8(truncatingIfNeeded: code), UInt8(truncatingIfNeeded: code >> 8)])
    }

    var publicKey: String { Self.written([kind.rawValue] + key.publicKey.rawRepresentation) }

    var seed: String {
        Self.written([144 | kind.rawValue >> 5, kind.rawValue << 3] + key.rawRepresentation)
    }

    /// A token about `subject`, signed by this key.
    ///
    /// - Parameter rights: the object `nats`, as JSON.
    func token(about subject: TestNKey, _ rights: String) throws -> String {
        let claims = """
            {"jti":"\(UUID().uuidString)","iat":\(Int(Date().timeIntervalSince1970)),"iss":"\(publicKey)",\
            "name":"test","sub":"\(subject.publicKey)","nats":\(rights)}
            """
        let signed = [#"{"typ":"JWT","alg":"ed25519-nkey"}"#, claims].map { SignedToken.base64URL($0.utf8) }
            .joined(separator: ".")
        return signed + "." + SignedToken.base64URL(try key.signature(for: Data(signed.utf8)))
    }
}

/// A NATS whose users come with tokens of an account, which an operator has signed for.
struct NATSOperator {
    private let key = TestNKey(.operator)
    private let account = TestNKey(.account)
    private let system = TestNKey(.account)

    /// What the NATS server's configuration says of it.
    func configuration() throws -> String {
        let storage = #""mem_storage":-1,"disk_storage":-1,"streams":-1,"consumer":-1,"#
        func rights(_ storage: String) -> String {
            """
            {"limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,\
            \(storage)"leaf":-1},"default_permissions":{"pub":{},"sub":{}},"type":"account","version":2}
            """
        }
        return """
            operator: \(try key.token(about: key, #"{"type":"operator","version":2}"#))
            system_account: \(system.publicKey)
            resolver: MEMORY
            resolver_preload: {
              \(account.publicKey): \(try key.token(about: account, rights(storage)))
              \(system.publicKey): \(try key.token(about: system, rights("")))
            }
            """
    }

    /// A file of credentials for a new user of the account.
    func credentials() throws -> String {
        let user = TestNKey(.user)
        let token = try account.token(
            about: user, #"{"pub":{},"sub":{},"subs":-1,"data":-1,"payload":-1,"type":"user","version":2}"#)
        return """
            -----BEGIN NATS USER JWT-----
            \(token)
            ------END NATS USER JWT------

            -----BEGIN USER NKEY SEED-----
            \(user.seed)
            ------END USER NKEY SEED------

            """
    }
}
