import Domain
import Testing

@testable import Service

struct VisibleRoomsTests {
    private func parts(_ patterns: [String], after: String? = nil) throws -> [String] {
        let permissions = Permissions(rooms: try patterns.map { text in try RoomPattern(text) })
        return VisibleRooms(permissions).parts(after: after).map { $0.beginning + ($0.isName ? "" : "*") }
    }

    @Test(
        arguments: [
            (["b", "a", "c*"], ["a", "b", "c*"]), (["a*", "ab", "a", "ab*"], ["a*"]), (["*", "a"], ["*"]), ([], []),
            (["a", "a"], ["a"]), (["a", "a*"], ["a*"]), (["ab*", "a"], ["a", "ab*"]), (["b*", "a*"], ["a*", "b*"]),
            (["日*", "z", "é"], ["z", "é", "日*"]),
        ])
    func `patterns are parts of the list, in its order, none within another`(patterns: [String], parts: [String]) throws
    {
        #expect(try self.parts(patterns) == parts)
    }

    @Test(
        arguments: [
            ("", ["a", "c*", "e"]), ("a", ["a", "c*", "e"]), ("b", ["c*", "e"]), ("c", ["c*", "e"]),
            ("czz", ["c*", "e"]), ("d", ["e"]), ("f", []),
        ])
    func `parts that are over are passed over`(after: String, parts: [String]) throws {
        #expect(try self.parts(["a", "c*", "e"], after: after) == parts)
    }

    @Test func `whoever may read everything sees one part`() {
        #expect(VisibleRooms(.all).parts == [.init(beginning: "", isName: false)])
        #expect(VisibleRooms(.none).parts == [])
    }
}
