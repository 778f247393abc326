/// Who is where in a run, and who says what: all of it follows from a few numbers, so nothing has to be looked up while
/// messages pass.
///
/// *Members* are counted through all rooms: room 0 has the first `membersPerRoom`, and so on. A member is a connection's
/// place in one room; connections take members in turn, so where there are fewer connections than members, each is in
/// several rooms. *Messages* are counted through the run: the rooms take turns, and in each its senders.
struct LoadPlan: Equatable, Sendable {
    enum Dialect: String, CaseIterable, Sendable {
        case v2, classic
        /// Every other connection is classic.
        case mixed
        /// No WebSocket handshake and nothing to say: whoever listens there just sends frames. For the floor.
        case bare
    }

    var run: String
    var rooms: Int
    var membersPerRoom: Int
    /// The first so many of each room's members send.
    var sendersPerRoom: Int
    /// At least `membersPerRoom`, so that nobody is in a room twice.
    var connections: Int
    /// Rooms in which one connection each is, and nothing happens.
    var idleRooms = 0
    var dialect = Dialect.v2
    /// Whether v2 connections enter their rooms; else they stay in `global`, where they read nothing.
    var enters = true
    /// Whether the frames of a floor have a `seq`.
    var isSequenced = true
    /// Of a message's content, at least `LoadText.headerBytes`.
    var contentBytes = LoadText.headerBytes

    /// A frame such as those that other servers were measured with.
    static let frameBytes = 190

    /// A run of its own in which all members send.
    /// - Parameters:
    ///   - connections: nil for one per member.
    ///   - contentBytes: nil for what makes a frame of `frameBytes`.
    init(rooms: Int, members: Int, connections: Int? = nil, contentBytes: Int? = nil) {
        run = LoadText.randomRun()
        self.rooms = rooms
        membersPerRoom = members
        sendersPerRoom = members
        self.connections = connections ?? rooms * members
        self.contentBytes = contentBytes ?? self.contentBytes(forFrame: Self.frameBytes)
    }

    var members: Int { rooms * membersPerRoom }
    var senders: Int { rooms * sendersPerRoom }

    func isClassic(connection: Int) -> Bool {
        switch dialect {
        case .classic: true
        case .mixed: connection % 2 == 1
        case .v2, .bare: false
        }
    }

    @inline(__always)
    func room(ofMember member: Int) -> Int { member / membersPerRoom }

    func connection(ofMember member: Int) -> Int { member % connections }

    /// Which of the room's members the connection is, from 0 on; nil where it is none.
    @inline(__always)
    func place(ofConnection connection: Int, inRoom room: Int) -> Int? {
        let first = room * membersPerRoom
        if connections == members {
            let place = connection - first
            return place >= 0 && place < membersPerRoom ? place : nil
        }
        var place = (connection - first) % connections
        if place < 0 { place += connections }
        return place < membersPerRoom ? place : nil
    }

    /// The message's room, and which of its members says it.
    func sender(ofMessage number: Int) -> (room: Int, place: Int) {
        let turn = number % senders
        return (turn % rooms, turn / rooms)
    }

    /// Where each room's first member alone sends, on a connection that has one room: which room that is.
    func sendingRoom(ofConnection connection: Int) -> Int? {
        connection < members && connection % membersPerRoom == 0 ? connection / membersPerRoom : nil
    }

    /// The room that a connection enters as its first, second, …; the idle ones last. Nil: no more.
    func room(ofConnection connection: Int, ordinal: Int) -> String? {
        let own = count(of: members, connection: connection)
        if ordinal < own { return roomName(room(ofMember: connection + ordinal * connections)) }
        let idle = connection + (ordinal - own) * connections
        return idle < idleRooms ? "\(run).idle\(idle)" : nil
    }

    func roomCount(ofConnection connection: Int) -> Int {
        count(of: members, connection: connection) + count(of: idleRooms, connection: connection)
    }

    /// How many of `total`, dealt out in turn, a connection gets.
    private func count(of total: Int, connection: Int) -> Int {
        total > connection ? (total - connection - 1) / connections + 1 : 0
    }

    // Of equal length, so that all frames are.

    func username(_ connection: Int) -> String { "\(run)-\(Self.digits(connection, of: connections))" }
    func roomName(_ room: Int) -> String { "\(run).\(Self.digits(room, of: rooms))" }

    private static func digits(_ number: Int, of count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, String(count - 1).count - text.count)) + text
    }

    /// The content that makes a v2 `chat_message` about so long on the wire, with a `seq` of five digits.
    func contentBytes(forFrame bytes: Int) -> Int {
        let empty =
            #"{"type":"chat_message","id":"","room":"","sender":"","content":"","timestamp":"","seq":12345}"#
        let header = bytes < 128 ? 2 : 4
        let names = ClientText.idBytes + username(0).utf8.count + roomName(0).utf8.count
        return max(
            LoadText.headerBytes, bytes - header - empty.utf8.count - names - "2026-01-01T00:00:00.000Z".utf8.count)
    }
}
