import Domain
import Service
import Synchronization
import Testing

/// An edge without sockets: keeps what each connection was shown, and objects where the service breaks the edge's rules.
final class FakeEdge: TopicDelivery {
    fileprivate struct State {
        /// Where a classic connection is.
        var rooms: [ObjectIdentifier: RoomName] = [:]
        /// What a connection that reads is shown live.
        var live: [ObjectIdentifier: Set<Topic>] = [:]
        var shown: [ObjectIdentifier: [TopicEvent]] = [:]
        var ended: [ObjectIdentifier: EndReason] = [:]
        var renewed: [Topic.Kind] = []
        var connections: [ObjectIdentifier: FakeConnection] = [:]
        var heldBack: [Duration] = []
        var announcements: [ServerAnnouncement] = []
    }

    fileprivate let state = Mutex(State())

    func connection() -> FakeConnection {
        let connection = FakeConnection(edge: self)
        state.withLock { $0.connections[ObjectIdentifier(connection)] = connection }
        return connection
    }

    /// Kinds of logs that were said to be others than before.
    var renewed: [Topic.Kind] { state.withLock { $0.renewed } }

    /// What everybody was told.
    var announcements: [ServerAnnouncement] { state.withLock { $0.announcements } }

    /// How long each message waited behind a hole.
    var heldBack: [Duration] { state.withLock { $0.heldBack } }

    func deliver(_ event: TopicEvent, except senders: UserConnections, heldBack: Duration) {
        if event.sequence != nil { state.withLock { $0.heldBack.append(heldBack) } }
        deliver(event, except: senders, toReaders: true)
    }

    func deliverLate(_ event: TopicEvent, except senders: UserConnections) {
        deliver(event, except: senders, toReaders: false)
    }

    private func deliver(_ event: TopicEvent, except senders: UserConnections, toReaders: Bool) {
        let isMessage = event.sequence != nil
        let (sender, all) = senders.ids
        state.withLock { state in
            // Of several, the conversation of the one that has sent a message would keep it back.
            for (id, room) in state.rooms
            where event.topic == .room(room) && id != sender && (isMessage || !all.contains(id)) {
                state.shown[id, default: []].append(event)
            }
            // Who reads is shown an own message in its place: it is acknowledged there.
            for (id, topics) in state.live
            where toReaders && topics.contains(event.topic) && (isMessage || !all.contains(id)) {
                state.shown[id, default: []].append(event)
            }
        }
    }

    func announce(_ announcement: ServerAnnouncement) { state.withLock { $0.announcements.append(announcement) } }

    func logRenewed(_ kind: Topic.Kind) {
        state.withLock { state in
            state.renewed.append(kind)
            // Who counts by the old log's numbers is shown nothing more.
            for id in state.live.keys { state.live[id] = state.live[id]?.filter { $0.kind != kind } }
        }
    }
}

extension UserConnections {
    /// The one, and all.
    fileprivate var ids: (ObjectIdentifier?, Set<ObjectIdentifier>) {
        switch self {
        case .none: (nil, [])
        case .one(let connection): (ObjectIdentifier(connection), [ObjectIdentifier(connection)])
        case .several(let connections): (nil, Set(connections.map { ObjectIdentifier($0) }))
        }
    }
}

final class FakeConnection: ClientConnection {
    /// Owned by the edge, which outlives it in every test.
    private unowned let edge: FakeEdge

    fileprivate init(edge: FakeEdge) { self.edge = edge }

    private var id: ObjectIdentifier { ObjectIdentifier(self) }

    /// As a reader without history goes where its session goes.
    func goLive(_ move: Move) {
        for room in move.left { leave(room) }
        guard let arrival = move.arrival else { return }
        edge.state.withLock { state in
            if let current = state.rooms[id] { Issue.record("entered \(arrival.room) while in \(current)") }
            #expect(arrival.change == .joined)
            state.rooms[id] = arrival.room
            state.shown[id, default: []].append(.notice(.membership(arrival)))
        }
    }

    func leave(_ room: RoomName) {
        edge.state.withLock { state in
            if state.rooms[id] != room { Issue.record("left \(room), which it was not in") }
            state.rooms[id] = nil
        }
    }

    func end(_ reason: EndReason) {
        edge.state.withLock { state in
            if state.ended.updateValue(reason, forKey: id) != nil { Issue.record("ended twice") }
        }
    }

    var client: ClientDescription { ClientDescription(address: "192.0.2.1", dialect: "fake") }

    /// Shows a page of a topic.
    func show(_ page: ReadingPage) {
        edge.state.withLock { $0.shown[id, default: []] += page.entries.map(TopicEvent.entry) }
    }

    /// Shows a page, and from then on what is delivered.
    func goLive(_ topic: Topic, with page: ReadingPage) {
        edge.state.withLock { state in
            state.shown[id, default: []] += page.entries.map(TopicEvent.entry)
            if !state.live[id, default: []].insert(topic).inserted { Issue.record("went live twice in \(topic)") }
        }
    }

    func stopLive(_ topic: Topic) { edge.state.withLock { _ = $0.live[id]?.remove(topic) } }

    var room: RoomName? { edge.state.withLock { $0.rooms[id] } }

    var isEnded: Bool { ending != nil }

    var ending: EndReason? { edge.state.withLock { $0.ended[id] } }

    /// What was shown since the last look.
    func events() -> [TopicEvent] {
        edge.state.withLock { state in
            defer { state.shown[id] = [] }
            return state.shown[id] ?? []
        }
    }

    /// What was shown since the last look, in words.
    func shown() -> [String] { events().map(\.words) }
}

extension TopicEvent {
    /// The number of a contribution.
    var sequence: SequenceNumber? {
        guard case .entry(let entry) = self, entry.traits != nil else { return nil }
        return entry.sequence
    }

    fileprivate var words: String {
        switch self {
        case .entry(let entry): entry.body.words
        case .notice(let notice): notice.words
        }
    }
}

extension Entry.Body {
    fileprivate var words: String {
        switch self {
        case .contribution(.message(let message)):
            message.sender + (message.recipient.map { " to \($0)" } ?? "") + ": " + message.content
        case .foreignNotice(let content): "* \(content)"
        default: "what nobody is to be shown"
        }
    }
}

extension Notice {
    fileprivate var words: String {
        switch self {
        case .membership(let notice):
            notice.change == .joined ? "+\(notice.username)@\(notice.room)" : "-\(notice.username)@\(notice.room)"
        case .members(let notice): "+\(notice.joined) -\(notice.left) =\(notice.members)@\(notice.room)"
        case .typing(let notice): "\(notice.username) \(notice.isTyping ? "writes" : "stops")"
        case .gap(_, let after, let before): "gap \(after)..\(before)"
        }
    }
}
