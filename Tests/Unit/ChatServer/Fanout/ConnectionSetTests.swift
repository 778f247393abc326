import Testing

@testable import ChatServer

struct ConnectionSetTests {
    private let edge = EmbeddedEdge()

    private func identities(_ set: ConnectionSet) -> Set<ObjectIdentifier> {
        Set(set.members.map(ObjectIdentifier.init))
    }

    @Test func `each member is there once, however often it is added`() throws {
        let connection = try edge.connect().connection
        var set = ConnectionSet()
        set.add(connection)
        set.add(connection)
        #expect(set.members.count == 1)
        #expect(set.contains(connection))
        set.remove(connection)
        #expect(set.members.isEmpty)
        #expect(!set.contains(connection))
        set.remove(connection)
        #expect(set.members.isEmpty)
    }

    @Test(arguments: [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]])
    func `members go in any order`(order: [Int]) throws {
        let connections = try (0..<4).map { _ in try edge.connect().connection }
        var set = ConnectionSet()
        for connection in connections { set.add(connection) }
        var left = Set(connections.map(ObjectIdentifier.init))
        for position in order {
            set.remove(connections[position])
            left.remove(ObjectIdentifier(connections[position]))
            #expect(identities(set) == left)
            #expect(set.members.count == left.count)
        }
    }

    @Test func `whoever was moved to a free place can still be removed`() throws {
        let connections = try (0..<3).map { _ in try edge.connect().connection }
        var set = ConnectionSet()
        for connection in connections { set.add(connection) }
        set.remove(connections[0])
        set.add(connections[0])
        set.remove(connections[2])
        #expect(identities(set) == [ObjectIdentifier(connections[0]), ObjectIdentifier(connections[1])])
        set.remove(connections[1])
        #expect(identities(set) == [ObjectIdentifier(connections[0])])
    }
}
