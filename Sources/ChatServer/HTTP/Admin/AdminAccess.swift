import Domain
import HTTPTypes
import NIOHTTP1
import Service

/// Who may ask for what only administrators may.
///
/// Somebody with the `admin_token`, or with a token whose role is admin. Where neither is configured, whoever asks from the
/// server's own machine, without a proxy in between: see ``LoopbackRule``.
struct AdminAccess: Sendable {
    /// The setting `admin_token`; nil: there is none.
    let adminToken: AdminToken?
    /// Nil where authentication is off.
    let identification: Identification?

    /// Lets an administrator pass.
    ///
    /// - Throws: 401 where the request shows nothing that counts, 403 where that is not enough.
    func check(_ request: Request) async throws(APIError) {
        guard adminToken != nil || identification != nil else {
            guard LoopbackRule.isMet(by: request) else { throw Self.onlyLoopback }
            return
        }
        guard let credential = try Self.credential(of: request) else { throw Self.unauthorized("Bearer") }
        if let adminToken, adminToken.equals(credential) { return }
        guard let identification else { throw Self.invalid("the admin token is wrong") }
        let principal: Principal
        do throws(AuthenticationError) {
            principal = try await identification.authenticate(credential)
        } catch {
            throw Self.invalid(error.description)
        }
        guard principal.role == .admin else {
            throw APIError(.forbidden, "forbidden", "only an administrator may do this")
        }
    }

    /// What stands behind `Bearer` in the one `Authorization` header; nil where there is none.
    private static func credential(of request: Request) throws(APIError) -> String? {
        let values = request.headers["authorization"]
        guard let value = values.first else { return nil }
        let words = value.split(separator: " ", omittingEmptySubsequences: true)
        guard values.count == 1, words.count == 2, words[0].isWord("bearer") else {
            throw invalid("a request has one Authorization header, of the scheme Bearer")
        }
        return String(words[1])
    }

    private static func invalid(_ description: String) -> APIError {
        unauthorized("Bearer error=\"invalid_token\", error_description=\"\(description)\"", description)
    }

    private static func unauthorized(_ challenge: String, _ message: String = "a token is needed") -> APIError {
        APIError(.unauthorized, "unauthorized", message, headers: [.wwwAuthenticate: challenge])
    }

    private static let onlyLoopback = APIError(
        .forbidden, "forbidden",
        "only this machine itself may ask this, directly, as long as neither admin_token nor authentication is configured"
    )
}

/// The secret of administrators. It is compared in a time that does not depend on where two texts differ.
struct AdminToken: Sendable {
    private let bytes: [UInt8]

    /// - Parameter text: the setting; empty: nil.
    init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        bytes = Array(text.utf8)
    }

    func equals(_ text: String) -> Bool {
        let other = Array(text.utf8)
        var difference = UInt8(other.count == bytes.count ? 0 : 1)
        // As long as the presented text is, which its sender knows.
        for (index, byte) in other.enumerated() { difference |= byte ^ bytes[index % bytes.count] }
        return difference == 0
    }
}
