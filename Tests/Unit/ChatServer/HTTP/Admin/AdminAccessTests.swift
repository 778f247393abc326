import Domain
import HTTPTypes
import NIOCore
import NIOHTTP1
import Service
import Testing

@testable import ChatServer

struct AdminAccessTests {
    /// Takes the names of roles for tokens.
    private struct Roles: Authenticator {
        func remembered(_ token: String) -> Principal? { nil }

        func authenticate(_ token: String) async throws(AuthenticationError) -> Principal {
            guard let role = Role(token) else { throw AuthenticationError("the token is none") }
            return Principal(username: try? Username("root"), kind: .token, role: role)
        }
    }

    private static let secret = "0123456789abcdef"

    /// - Returns: the status, and the challenge; nil for somebody who may pass.
    private func refusal(
        _ authorization: String?, token: String = "", authenticator: (any Authenticator)? = nil,
        isRevoked: Bool = false, address: String = "127.0.0.1"
    ) async throws -> (status: Int, challenge: String?)? {
        var headers: HTTPHeaders = ["Host": "localhost"]
        if let authorization { headers.add(name: "Authorization", value: authorization) }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/api/users", headers: headers)
        let source = RequestSource(peerAddress: try SocketAddress(ipAddress: address, port: 1))
        let access = AdminAccess(
            adminToken: AdminToken(token),
            identification: authenticator.map { authenticator in
                Identification(
                    authenticator: authenticator, isRevoked: { _ in isRevoked },
                    now: { Timestamp(millisecondsSince1970: 0) })
            })
        let request = try Request(head, from: source)
        do throws(APIError) {
            try await access.check(request)
            return nil
        } catch {
            return (error.status.code, error.headers[.wwwAuthenticate])
        }
    }

    @Test func `with nothing configured only this machine may ask`() async throws {
        #expect(try await refusal(nil) == nil)
        #expect(try await refusal(nil, address: "10.0.0.1")?.status == 403)
    }

    @Test func `once something is configured, this machine needs it, too`() async throws {
        for answer in [
            try await refusal(nil, token: Self.secret), try await refusal(nil, authenticator: Roles()),
        ] {
            #expect(answer?.status == 401)
            #expect(answer?.challenge == "Bearer")
        }
    }

    @Test(
        arguments: [
            ("Bearer 0123456789abcdef", true), ("bearer 0123456789abcdef", true), ("Bearer  0123456789abcdef", true),
            ("Bearer 0123456789abcdeF", false), ("Bearer 0123456789abcde", false),
            ("Bearer 0123456789abcdef0123456789abcdef", false), ("Bearer x", false), ("Basic 0123456789abcdef", false),
            ("0123456789abcdef", false), ("Bearer", false), ("Bearer 0123456789abcdef x", false),
        ])
    func `the admin token opens, and no other text does`(authorization: String, passes: Bool) async throws {
        let answer = try await refusal(authorization, token: Self.secret, address: "10.0.0.1")
        #expect((answer == nil) == passes)
        if let answer {
            #expect(answer.status == 401)
            #expect(answer.challenge?.hasPrefix("Bearer error=\"invalid_token\", error_description=\"") == true)
        }
    }

    @Test func `a token opens where its role is admin`() async throws {
        #expect(try await refusal("Bearer admin", authenticator: Roles()) == nil)
        for role in ["user", "moderator"] {
            #expect(try await refusal("Bearer \(role)", authenticator: Roles())?.status == 403)
        }
        let wrong = try await refusal("Bearer x", authenticator: Roles())
        #expect(wrong?.status == 401)
        #expect(wrong?.challenge == "Bearer error=\"invalid_token\", error_description=\"the token is none\"")
        #expect(try await refusal("Bearer admin", authenticator: Roles(), isRevoked: true)?.status == 401)
    }

    @Test func `where both are configured, either opens`() async throws {
        for text in ["admin", Self.secret] {
            #expect(try await refusal("Bearer \(text)", token: Self.secret, authenticator: Roles()) == nil)
        }
    }
}
