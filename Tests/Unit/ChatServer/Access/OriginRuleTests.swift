import HTTPTypes
import NIOHTTP1
import Testing
import Wire

@testable import ChatServer

struct OriginRuleTests {
    private func rule(_ origins: [String], host: String = "chat.example.com", allowed: String = "") throws -> OriginRule
    {
        var headers: HTTPHeaders = ["Host": host]
        for origin in origins { headers.add(name: "Origin", value: origin) }
        return OriginRule(try .make(.GET, "/api/status", headers), try AllowedOrigins(allowed))
    }

    @Test func `no origin is no page, and passes`() throws {
        #expect(try rule([]) == .noPage)
        try rule([]).check()
    }

    @Test(
        arguments: [
            ("https://chat.example.com", "", OriginRule.ownPage), ("https://evil.example", "", .foreign),
            ("null", "", .foreign),
            ("", "", .foreign), ("https://app.example", "https://app.example", .allowed(origin: "https://app.example")),
            ("https://app.example", "*", .allowed(origin: "https://app.example")),
            ("null", "null", .allowed(origin: "null")),
            ("https://app.example:444", "https://app.example", .foreign),
        ])
    func `a page passes where it is the host's own or allowed`(origin: String, allowed: String, expected: OriginRule)
        throws
    {
        #expect(try rule([origin], allowed: allowed) == expected)
    }

    @Test func `two origins are none that is allowed, unless all are`() throws {
        #expect(try rule(["https://chat.example.com", "https://chat.example.com"]) == .foreign)
        #expect(throws: Refusal.foreignOrigin) { try rule(["null"]).check() }
    }

    @Test func `only a page that is allowed may read the answer`() {
        #expect(OriginRule.foreign.headers(methods: nil)[.accessControlAllowOrigin] == nil)
        #expect(OriginRule.foreign.headers(methods: "GET")[.accessControlAllowMethods] == nil)
        #expect(OriginRule.noPage.headers(methods: nil) == [.vary: "Origin"])
        let answer = OriginRule.allowed(origin: "https://a.example").headers(methods: "GET, OPTIONS")
        #expect(answer[.accessControlAllowOrigin] == "https://a.example")
        #expect(answer[.accessControlAllowMethods] == "GET, OPTIONS")
        #expect(answer[.accessControlAllowHeaders] == "Authorization, Content-Type")
        #expect(answer[.accessControlAllowCredentials] == nil)
    }
}
