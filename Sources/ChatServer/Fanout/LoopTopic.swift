import Domain
import NIOCore

/// The readers of one topic on one event loop. Used on that loop only.
final class LoopTopic {
    /// Readers that are written the same bytes.
    struct Group {
        let encoding: Encoding
        fileprivate(set) var readers = ConnectionSet()
    }

    /// One for each encoding that has readers.
    private(set) var groups: [Group] = []
    var pending: [Delivery] = []
    /// The newest message that was written here: where every reader stands that counts by sequence numbers.
    var cursor = SequenceNumber.zero

    var isEmpty: Bool { groups.isEmpty }

    func contains(_ connection: Connection) -> Bool {
        place(of: connection).map { groups[$0].readers.contains(connection) } ?? false
    }

    func add(_ connection: Connection) {
        if let place = place(of: connection) {
            groups[place].readers.add(connection)
        } else {
            var group = Group(encoding: connection.encoding)
            group.readers.add(connection)
            groups.append(group)
        }
    }

    func remove(_ connection: Connection) {
        guard let place = place(of: connection) else { return }
        groups[place].readers.remove(connection)
        if groups[place].readers.members.isEmpty { groups.remove(at: place) }
    }

    private func place(of connection: Connection) -> Int? {
        groups.firstIndex { $0.encoding == connection.encoding }
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
