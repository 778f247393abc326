import Domain
import Testing

@testable import Service

/// What the rules of the chat ask of permissions.
struct PermissionChecksTests {
    private let dev: RoomName
    private let news: RoomName
    private let secret: RoomName

    init() throws {
        dev = try RoomName("dev")
        news = try RoomName("news")
        secret = try RoomName("secret")
    }

    private func make(_ rooms: [String]?, _ readRooms: [String] = []) throws -> Permissions {
        Permissions(
            rooms: try rooms?.map { text in try RoomPattern(text) },
            readRooms: try readRooms.map { text in try RoomPattern(text) })
    }

    @Test func `who may not enter is told so, and who may only read is told that`() throws {
        let permissions = try make(["dev"], ["news"])
        try permissions.checkMayRead(dev)
        try permissions.checkMayWrite(dev)
        try permissions.checkMayRead(news)
        let words = #expect(throws: ChatError.self) { try permissions.checkMayWrite(news) }
        #expect(words?.code == .forbidden && words?.message == "you may only read in the room news")
        for check in [permissions.checkMayRead, permissions.checkMayWrite] {
            let error = #expect(throws: ChatError.self) { try check(secret) }
            #expect(error?.code == .forbidden && error?.message == "you may not enter the room secret")
        }
    }

    @Test(
        arguments: [
            (nil, "global", "global"), (nil, "dev", "dev"), (["dev"], "dev", "dev"), (["dev"], "global", nil),
            ([], "global", nil),
        ] as [([String]?, String, String?)])
    func `who names no room begins in global, or in none`(rooms: [String]?, wanted: String, first: String?) throws {
        let permissions = try make(rooms)
        #expect(try permissions.firstRoom(try RoomName(wanted))?.text == first)
        #expect((permissions.lastResort == nil) == (first == nil || rooms == ["dev"]))
    }

    @Test func `who names a room that may not be read does not begin`() throws {
        let permissions = try make(["dev"])
        let error = #expect(throws: ChatError.self) { try permissions.firstRoom(secret) }
        #expect(error?.code == .forbidden)
    }
}
