import Domain
import Foundation
import HTTPTypes
import NIOHTTP1
import Testing

@testable import ChatServer
@testable import TestSupport

/// The OpenAPI document has the routes that there are, and no others.
struct OpenAPITests {
    private let paths: [String: [String: Any]]
    private let version: String?

    init() throws {
        let text = try Checkout.text("Sources/ChatServer/Web/Pages/api/openapi.json")
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        paths = try #require(document["paths"] as? [String: [String: Any]])
        version = (document["info"] as? [String: Any])?["version"] as? String
    }

    /// Of each route one, as the document writes it. The compiler asks for a new one here.
    private static func path(of route: AdminRoute) -> String {
        switch route {
        case .users: "/api/users"
        case .user: "/api/users/{user}"
        case .disconnect: "/api/users/{user}/disconnect"
        case .revocations: "/api/revocations"
        case .monitoring: "/api/monitoring"
        case .cluster: "/api/cluster"
        case .publish: "/api/publish"
        case .announce: "/api/announce"
        }
    }

    private func purpose(_ path: String) throws -> Purpose {
        let target = path.replacing("{user}", with: "alice").replacing("{room}", with: "dev")
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: ["Host": "x"])
        return try Purpose(try Request(head, from: RequestSource(peerAddress: nil)))
    }

    @Test func `each path leads to a route, with the methods that the document names`() throws {
        for (path, operations) in paths {
            let method =
                switch try purpose(path) {
                case .get, .messages: "get"
                case .admin(let route): route.isChange ? "post" : "get"
                case .page: WebPages()[path] == nil ? "none" : "get"
                case .options: "none"
                }
            #expect(Array(operations.keys) == [method], "\(path)")
        }
    }

    @Test func `each route is in it`() throws {
        let user = try Username("alice")
        let routes: [AdminRoute] = [
            .users, .user(user), .disconnect(user), .revocations, .monitoring, .cluster, .publish, .announce,
        ]
        let expected = Set(
            Endpoint.allCases.filter { $0 != .echo }.map(\.rawValue) + routes.map(Self.path) + [
                "/api/rooms/{room}/messages", "/api/openapi.json",
            ])
        #expect(Set(paths.keys) == expected)
    }

    @Test func `it names the version of the program`() { #expect(version == Version.current) }

    @Test func `docs/api.md has a section for each path below /api/ but the list of active rooms`() throws {
        let text = try Checkout.text("docs/api.md")
        for (path, operations) in paths where path.hasPrefix("/api/") && path != Endpoint.activeRooms.rawValue {
            let printed = path.replacing("{", with: "<").replacing("}", with: ">")
            for method in operations.keys {
                #expect(text.contains("\(method.uppercased()) \(printed)"), "\(method) \(path)")
            }
        }
    }
}
