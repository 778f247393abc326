import Domain
import Service
import Synchronization
import Testing

/// An edge without sockets: keeps what each connection was shown, and objects where the service breaks the edge's rules.
final class FakeEdge: RoomDelivery {
    fileprivate struct State {
        var rooms: [ObjectIdentifier: RoomName] = [:]
        var shown: [ObjectIdentifier: [RoomEvent]] = [:]
        var ended: Set<ObjectIdentifier> = []
        var connections: [ObjectIdentifier: FakeConnection] = [:]
    }

    fileprivate let state = Mutex(State())

    func connection() -> FakeConnection {
        let connection = FakeConnection(edge: self)
        state.withLock { $0.connections[ObjectIdentifier(connection)] = connection }
        return connection
    }

    func deliver(_ event: RoomEvent, except sender: (any ClientConnection)?) {
        state.withLock { state in
            for (id, room) in state.rooms where room == event.room && id != sender.map(ObjectIdentifier.init) {
                state.shown[id, default: []].append(event)
            }
        }
    }
}

final class FakeConnection: ClientConnection {
    /// Owned by the edge, which outlives it in every test.
    private unowned let edge: FakeEdge

    fileprivate init(edge: FakeEdge) { self.edge = edge }

    private var id: ObjectIdentifier { ObjectIdentifier(self) }

    func enter(_ room: RoomName, showing notice: MembershipNotice) {
        edge.state.withLock { state in
            if let current = state.rooms[id] { Issue.record("entered \(room) while in \(current)") }
            #expect(notice.room == room && notice.change == .joined)
            state.rooms[id] = room
            state.shown[id, default: []].append(.membership(notice))
        }
    }

    func exit(_ room: RoomName) {
        edge.state.withLock { state in
            if state.rooms[id] != room { Issue.record("left \(room), which it was not in") }
            state.rooms[id] = nil
        }
    }

    func end(_ reason: EndReason) {
        edge.state.withLock { state in
            if !state.ended.insert(id).inserted { Issue.record("ended twice") }
        }
    }

    var room: RoomName? { edge.state.withLock { $0.rooms[id] } }

    var isEnded: Bool { edge.state.withLock { $0.ended.contains(id) } }

    /// What was shown since the last look, in words.
    func shown() -> [String] {
        edge.state.withLock { state in
            defer { state.shown[id] = [] }
            return (state.shown[id] ?? []).map { event in
                switch event {
                case .message(let message): "\(message.sender): \(message.content)"
                case .membership(let notice):
                    notice.change == .joined
                        ? "+\(notice.username)@\(notice.room)" : "-\(notice.username)@\(notice.room)"
                case .foreignNotice(_, let content): "* \(content)"
                }
            }
        }
    }
}
