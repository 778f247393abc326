import Domain
import NIOCore

/// The readers of one topic on one event loop. Used on that loop only.
final class LoopTopic {
    /// Those of each dialect.
    private(set) var classic = ConnectionSet()
    private(set) var v2 = ConnectionSet()
    var pending: [Delivery] = []
    /// The newest message that was written here: where every reader in ``v2`` stands.
    var cursor = SequenceNumber.zero

    var isEmpty: Bool { classic.members.isEmpty && v2.members.isEmpty }

    func contains(_ connection: Connection) -> Bool { classic.contains(connection) || v2.contains(connection) }

    func add(_ connection: Connection, _ dialect: Dialect) {
        switch dialect {
        case .classic: classic.add(connection)
        case .v2: v2.add(connection)
        }
    }

    func remove(_ connection: Connection) {
        classic.remove(connection)
        v2.remove(connection)
    }
}

/// Connections in an array, for the fan-out to run through, each of which can be found and taken out at once.
struct ConnectionSet {
    private(set) var members: [Connection] = []
    private var positions: [ObjectIdentifier: Int] = [:]

    func contains(_ connection: Connection) -> Bool { positions[ObjectIdentifier(connection)] != nil }

    mutating func add(_ connection: Connection) {
        guard !contains(connection) else { return }
        positions[ObjectIdentifier(connection)] = members.count
        members.append(connection)
    }

    /// The last member takes the place that becomes free: no member is moved for another's leaving but that one.
    mutating func remove(_ connection: Connection) {
        guard let position = positions.removeValue(forKey: ObjectIdentifier(connection)),
            let last = members.popLast(), last !== connection
        else { return }
        members[position] = last
        positions[ObjectIdentifier(last)] = position
    }
}
