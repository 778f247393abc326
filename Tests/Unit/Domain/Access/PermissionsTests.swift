import Domain
import Testing

struct PermissionsTests {
    private static func make(_ rooms: [String]?, _ readRooms: [String]) throws -> Permissions {
        Permissions(
            rooms: try rooms?.map { text in try RoomPattern(text) },
            readRooms: try readRooms.map { text in try RoomPattern(text) })
    }

    private enum Right: String { case none, read, write }

    @Test(
        arguments: [
            (nil, [], ["dev": "write", "global": "write"]),
            ([], [], ["dev": "none", "global": "none"]),
            (["dev"], [], ["dev": "write", "global": "none"]),
            (["*"], [], ["dev": "write", "global": "write"]),
            (["team-*"], ["news"], ["team-a": "write", "news": "read", "dev": "none"]),
            // The closer description counts, whichever list it stands in.
            (["dev"], ["*"], ["dev": "write", "global": "read"]),
            (["team-*"], ["team-news"], ["team-a": "write", "team-news": "read"]),
            (["team-news-desk"], ["team-*"], ["team-a": "read", "team-news-desk": "write"]),
            (nil, ["news"], ["news": "read", "dev": "write"]),
            // Described equally closely: read only.
            (["dev"], ["dev"], ["dev": "read"]),
            (nil, ["*"], ["dev": "read"]),
            ([], ["*"], ["dev": "read", "global": "read"]),
        ] as [([String]?, [String], [String: String])])
    func `the claims say where one may read and write`(
        rooms: [String]?, readRooms: [String], expected: [String: String]
    ) throws {
        let permissions = try Self.make(rooms, readRooms)
        for (name, right) in expected {
            let room = try RoomName(name)
            let found: Right = permissions.mayWrite(room) ? .write : permissions.mayRead(room) ? .read : .none
            #expect(found.rawValue == right, "\(name)")
            #expect(permissions.mayRead(room) == (right != "none"), "\(name)")
        }
    }

    @Test func `who may read every room needs no filter`() throws {
        #expect(Permissions.all.mayReadEverything)
        #expect(try Self.make(["*"], []).mayReadEverything)
        #expect(try Self.make(["dev"], ["*"]).mayReadEverything)
        #expect(try !Self.make(["dev"], ["team-*"]).mayReadEverything)
        #expect(try !Self.make([], []).mayReadEverything)
    }
}
