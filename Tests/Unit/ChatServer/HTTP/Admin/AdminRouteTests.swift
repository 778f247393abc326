import Domain
import HTTPTypes
import NIOHTTP1
import Testing

@testable import ChatServer

struct AdminRouteTests {
    @Test func `a route is one path, with a name that is percent-encoded`() throws {
        let alice = try Username("alice")
        let odd = try Username("a/b?é")
        for (path, route) in [
            ("/api/users", .users), ("/api/users/alice", .user(alice)),
            ("/api/users/alice/disconnect", .disconnect(alice)),
            ("/api/users/a%2Fb%3F%C3%A9/disconnect", .disconnect(odd)), ("/api/users/a%2Fb%3F%C3%A9", .user(odd)),
            ("/api/revocations", .revocations), ("/api/monitoring", .monitoring), ("/api/cluster", .cluster),
            ("/api/publish", .publish), ("/api/announce", .announce),
        ] as [(String, AdminRoute)] {
            #expect(AdminRoute(path: path) == route, "\(path)")
        }
    }

    @Test(
        arguments: [
            "/api/users/", "/api/users//disconnect", "/api/users/alice/", "/api/users/alice/kick",
            "/api/users/alice/disconnect/", "/api/users/two%20words", "/api/users/%zz", "/api/users/%FF",
            "/api/revocations/", "/api/userss", "/API/users", "/api", "/api/users/\u{301}x/disconnect/x",
        ])
    func `any other path is none`(path: String) { #expect(AdminRoute(path: path) == nil) }

    @Test func `what is read is got, and what changes something is posted`() throws {
        let methods = [HTTPMethod.GET, .HEAD, .POST, .PUT, .DELETE]
        let alice = try Username("alice")
        func taken(_ route: AdminRoute) -> [HTTPMethod] {
            methods.filter { method in (try? route.check(method)) != nil }
        }
        for route in [AdminRoute.users, .user(alice), .monitoring, .cluster] { #expect(taken(route) == [.GET, .HEAD]) }
        for route in [AdminRoute.revocations, .disconnect(alice), .publish, .announce] {
            #expect(taken(route) == [.POST])
            #expect(throws: APIError.self) { try route.check(.GET) }
            #expect(route.allowed[.allow] == "POST, OPTIONS")
        }
    }
}
