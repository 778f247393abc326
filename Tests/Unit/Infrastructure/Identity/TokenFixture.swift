import Domain
import Foundation
import Logging
import Service
import Synchronization
import Testing
import Wire

@testable import InfrastructureIdentity
@testable import TestSupport

/// Keys and tokens that PyJWT has made (Tests/Fixtures/tokens).
struct TokenFixture: Decodable {
    let secret: String
    let pem: [String: String]
    let tokens: [String: String]
    let named: [String: String]
    let refused: [String: String]

    /// 2026-01-02T03:04:05.678Z: all tokens were issued a second before.
    static let now = Timestamp(millisecondsSince1970: 1_767_323_045_678)

    static let shared = Result { try JSONDecoder().decode(TokenFixture.self, from: try data()) }

    private static func data() throws -> Data {
        try Data(contentsOf: Checkout.root.appendingPathComponent("Tests/Fixtures/tokens/tokens.json"))
    }

    /// The text of the set of keys.
    static func keySet() throws -> [UInt8] {
        let all = try JSONSerialization.jsonObject(with: try data()) as? [String: Any]
        return Array(try JSONSerialization.data(withJSONObject: try #require(all?["jwks"])))
    }

    /// What each of the tokens says.
    static func principal() throws -> Principal {
        Principal(
            username: try Username("alice"), kind: .token, role: .moderator,
            permissions: Permissions(
                rooms: [try RoomPattern("dev"), try RoomPattern("team-*")], readRooms: [try RoomPattern("news")]),
            tokenID: "7b1c", issuedAt: 1_767_323_045,
            expiresAt: Timestamp(millisecondsSince1970: 4_102_444_800_000))
    }
}

/// Clocks that the test sets.
final class SetClock: Sendable {
    private let passed = Mutex(Duration.zero)
    private let start = ContinuousClock.now

    func pass(_ time: Duration) { passed.withLock { $0 += time } }

    var source: TimeSource {
        TimeSource(
            wall: { [self] in
                let milliseconds = passed.withLock { Int64($0 / .milliseconds(1)) }
                return Timestamp(
                    millisecondsSince1970: TokenFixture.now.millisecondsSince1970 + milliseconds)
            },
            monotonic: { [self] in start + passed.withLock { $0 } })
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }
}

/// A token with any header and claims, signed with the fixture's secret.
func signed(_ claims: String, header: String = #"{"alg":"HS256"}"#, secret: String) throws -> String {
    let key = try #require(VerificationKey(secret: secret.utf8))
    let text = Base64URL.encode(header.utf8) + "." + Base64URL.encode(claims.utf8)
    return text + "." + Base64URL.encode(key.mac(of: Array(text.utf8)))
}
