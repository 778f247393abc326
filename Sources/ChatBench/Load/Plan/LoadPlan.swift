/// Which connections are in which rooms in a run, and which of them send. All of it is computed from a few numbers, so
/// nothing must be looked up while messages pass.
///
/// *Members* are numbered through all rooms: room 0 has the first `membersPerRoom`, and so on. A member is a
/// connection's place in one room. Connections get members in turn, so if there are fewer connections than members,
/// each is in several rooms. *Messages* are numbered through the run: the rooms take turns, and in each room its
/// senders.
struct LoadPlan: Equatable, Sendable {
    enum Dialect: String, CaseIterable, Sendable {
        case v2, classic
        /// Every other connection is classic.
        case mixed
        /// No WebSocket handshake, and nothing to send: the peer just sends frames. For the floor.
        case bare
    }

    var run: String
    var rooms: Int
    var membersPerRoom: Int
    /// The number of members of each room that send; these are the first ones.
    var sendersPerRoom: Int
    /// At least `membersPerRoom`, so that no connection is in a room twice.
    var connections: Int
    /// Rooms with one connection each, and no messages.
    var idleRooms = 0
    var dialect = Dialect.v2
    /// Whether connections offer compression.
    var compresses = false
    /// Whether v2 connections enter their rooms; otherwise they stay in `global`, which they do not read.
    var enters = true
    /// Whether the frames of a floor have a `seq`.
    var isSequenced = true
    /// The bytes of a message's content, at least `LoadText.headerBytes`.
    var contentBytes = LoadText.headerBytes

    /// The size of frames with which other servers were measured.
    static let frameBytes = 190

    /// A new run in which all members send.
    /// - Parameters:
    ///   - connections: nil for one per member.
    ///   - contentBytes: nil: as many as make a frame of `frameBytes`.
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

    /// The number of the connection among the room's members, from 0 on; nil if it is not a member.
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

    /// The message's room, and the sending member in it.
    func sender(ofMessage number: Int) -> (room: Int, place: Int) {
        let turn = number % senders
        return (turn % rooms, turn / rooms)
    }

    /// In a closed loop, the first member of each room sends: the room in which the connection sends; nil if it is no
    /// first member.
    func sendingRoom(ofConnection connection: Int) -> Int? {
        connection < members && connection % membersPerRoom == 0 ? connection / membersPerRoom : nil
    }

    /// The room that a connection enters as its first, second, …; idle rooms last. Nil: no more rooms.
    func room(ofConnection connection: Int, ordinal: Int) -> String? {
        let own = count(of: members, connection: connection)
        if ordinal < own { return roomName(room(ofMember: connection + ordinal * connections)) }
        let idle = connection + (ordinal - own) * connections
        return idle < idleRooms ? "\(run).idle\(idle)" : nil
    }

    func roomCount(ofConnection connection: Int) -> Int {
        count(of: members, connection: connection) + count(of: idleRooms, connection: connection)
    }

    /// The number of `total` items that a connection gets if they are distributed in turn.
    private func count(of total: Int, connection: Int) -> Int {
        total > connection ? (total - connection - 1) / connections + 1 : 0
    }

    // The names have equal length, so that all frames have.

    func username(_ connection: Int) -> String { "\(run)-\(Self.digits(connection, of: connections))" }
    func roomName(_ room: Int) -> String { "\(run).\(Self.digits(room, of: rooms))" }

    private static func digits(_ number: Int, of count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, String(count - 1).count - text.count)) + text
    }

    /// The content size that makes a v2 `chat_message` about this long on the wire, with a `seq` of five digits.
    func contentBytes(forFrame bytes: Int) -> Int {
        let empty =
            #"{"type":"chat_message","id":"","room":"","sender":"","content":"","timestamp":"","seq":12345}"#
        let header = bytes < 128 ? 2 : 4
        let names = ClientText.idBytes + username(0).utf8.count + roomName(0).utf8.count
        return max(
            LoadText.headerBytes, bytes - header - empty.utf8.count - names - "2026-01-01T00:00:00.000Z".utf8.count)
    }
}
