import Domain
import Foundation
import HTTPTypes
import Testing

@testable import ChatServer
@testable import TestSupport

/// The pages list the paths that there are, with what may be done with them.
struct EndpointTableTests {
    private func path(_ cell: String) throws -> (method: String?, path: String) {
        let words = try #require(cell.codes.first).split(separator: " ").map(String.init)
        let target = try #require(words.last)
        return (words.count > 1 ? words[0] : nil, String(target.prefix { $0 != "?" }))
    }

    @Test func `the table of docs/operations.md has each path once, and no other`() throws {
        let listed = try Section("## Endpoints", of: "docs/operations.md").rows.map { try path($0[0]) }
        #expect(listed.map(\.path).sorted() == Endpoint.allCases.map(\.rawValue).sorted())
        // The chat is the one that GET alone does not get.
        for row in listed { #expect(row.method == (row.path == Endpoint.chat.rawValue ? nil : "GET"), "\(row.path)") }
    }

    @Test func `docs/protocol.md has each plain path, and the methods`() throws {
        let text = try Section("## Other endpoints", of: "docs/protocol.md").text
        for endpoint in Endpoint.allCases where endpoint != .chat {
            #expect(
                text.contains("`\(endpoint.rawValue)`") || text.contains("`GET \(endpoint.rawValue)`"), "\(endpoint)")
        }
        let methods = try #require(Endpoint.allowed[.allow])
        #expect(text.contains("`Allow: \(methods)`"))
        for method in methods.components(separatedBy: ", ") { #expect(text.contains("`\(method)"), "\(method)") }
    }

    @Test func `docs/api.md describes each route of administrators, with its method`() throws {
        let user = try Username("alice")
        for (route, path) in [
            (AdminRoute.users, "/api/users"), (.user(user), "/api/users/<user>"),
            (.disconnect(user), "/api/users/<user>/disconnect"), (.revocations, "/api/revocations"),
            (.monitoring, "/api/monitoring"), (.cluster, "/api/cluster"), (.publish, "/api/publish"),
            (.announce, "/api/announce"),
        ] {
            #expect(AdminRoute(path: path.replacing("<user>", with: "alice")) == route)
            let code = "`\(route.isChange ? "POST" : "GET") \(path)`"
            #expect(try Checkout.text("docs/api.md").contains(code), "\(code)")
        }
    }

    @Test func `docs/security.md closes all that tells something`() throws {
        let denied = try #require(try Checkout.text("docs/security.md").firstMatch(of: /deny if \{ path ([^}]+) \}/)?.1)
        let harmless: Set<Endpoint> = [.chat, .health, .readiness, .echo]
        let telling = Endpoint.allCases.filter { !harmless.contains($0) }.map(\.rawValue)
        #expect(denied.split(separator: " ").map(String.init).sorted() == telling.sorted())
    }

    @Test func `a WebSocket is refused with the statuses and words of the table`() throws {
        let rows = try Section("## Connecting", of: "docs/protocol.md").rows.map { $0[1] }
        for refusal in [
            Refusal.draining, .full, .upgradeRequired, .versionRequired, .badRequest("username required"),
            .badRequest("Sec-WebSocket-Key must be 16 bytes in base64"),
        ] {
            let answer = "\(refusal.status.code) `\(refusal.text)`"
            let row = try #require(rows.first { $0.hasPrefix(answer) }, "\(answer)")
            for (name, value) in [
                ("Retry-After", refusal.headers[.retryAfter]),
                ("Sec-WebSocket-Version", refusal.headers[.secWebSocketVersion]),
            ] {
                #expect(row.contains("\(name): ") == (value != nil), "\(answer)")
                if let value { #expect(row.contains("`\(name): \(value)`"), "\(answer)") }
            }
        }
        let texts = Set(rows.flatMap(\.codes).filter { $0.contains(" ") })
        for file in ["SessionParameters", "Handshake"] {
            let source = try Checkout.text("Sources/ChatServer/Access/\(file).swift")
            for match in source.matches(of: /\.badRequest\("([^"]+)"\)/) {
                #expect(texts.contains(String(match.1)), "\(match.1)")
            }
        }
        let methods = try #require(Endpoint.allowed[.allow])
        #expect(rows.contains { $0.hasPrefix("405 `method not allowed`") && $0.contains("`Allow: \(methods)`") })
    }
}
