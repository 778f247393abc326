import Foundation
import Testing
import Wire

@testable import InfrastructureConfiguration
@testable import InfrastructureNATS

struct JSONValueTests {
    @Test func `settings that nobody here knows come back as they were`() throws {
        let json = """
            {"name":"CHAT","max_age":2592000000000000,"max_msgs":-1,"ratio":0.5,"sealed":false,"metadata":{"a":"1"},\
            "sources":[{"name":"X"},null],"placement":{},"big":9223372036854775807}
            """
        let value = JSONValue(try JSONObject(json.utf8, keepingNested: true))
        let again = JSONValue(try JSONObject(try JSONEncoder().encode(value), keepingNested: true))
        #expect(again == value)
        #expect(value["max_age"] == .integer(2_592_000_000_000_000) && value["big"] == .integer(.max))
        #expect(value["sealed"] == .bool(false) && value["ratio"] == .double(0.5))
        #expect(value["sources"] == .array([.object(["name": .string("X")]), .null]))
        #expect(value["name"]?["x"] == nil && value["none"] == nil)
    }

    @Test func `changes replace fields and add some, and leave the others`() {
        let value = JSONValue.object(["a": .integer(1), "b": .integer(2)])
        #expect(
            value.merging(["b": .string("x"), "c": .null])
                == .object(["a": .integer(1), "b": .string("x"), "c": .null]))
        #expect(JSONValue.null.merging(["a": .null]) == .null)
    }
}
