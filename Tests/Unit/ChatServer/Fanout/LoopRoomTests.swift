import Testing

@testable import ChatServer

struct LoopRoomTests {
    private let edge = EmbeddedEdge()
    private let room = LoopRoom()

    private var members: Set<ObjectIdentifier> { Set(room.members.map(ObjectIdentifier.init)) }

    @Test func `each member is there once, however often it is added`() throws {
        let connection = try edge.connect().connection
        room.add(connection)
        room.add(connection)
        #expect(room.members.count == 1)
        #expect(room.contains(connection))
        room.remove(connection)
        #expect(room.members.isEmpty)
        #expect(!room.contains(connection))
        room.remove(connection)
        #expect(room.members.isEmpty)
    }

    @Test(arguments: [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]])
    func `members go in any order`(order: [Int]) throws {
        let connections = try (0..<4).map { _ in try edge.connect().connection }
        for connection in connections { room.add(connection) }
        var left = Set(connections.map(ObjectIdentifier.init))
        for position in order {
            room.remove(connections[position])
            left.remove(ObjectIdentifier(connections[position]))
            #expect(members == left)
            #expect(room.members.count == left.count)
        }
    }

    @Test func `whoever was moved to a free place can still be removed`() throws {
        let connections = try (0..<3).map { _ in try edge.connect().connection }
        for connection in connections { room.add(connection) }
        room.remove(connections[0])
        room.add(connections[0])
        room.remove(connections[2])
        #expect(members == [ObjectIdentifier(connections[0]), ObjectIdentifier(connections[1])])
        room.remove(connections[1])
        #expect(members == [ObjectIdentifier(connections[0])])
    }
}
