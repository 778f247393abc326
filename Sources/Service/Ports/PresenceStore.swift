public import Domain

/// Who is here: the names in use, and the members of each room, in the whole cluster.
///
/// Two adapters: Redis, and the embedded store within the process.
///
/// - Atomicity: each call happens whole or not at all, for every instance at once.
/// - Uniqueness: a name belongs to one session at a time, however many claim it at once; or, where they share it, to
///   several. One that shares its name and one that has it alone exclude each other.
/// - Users: lists and counts show a user once, however many sessions share the name. Of the sessions of a user that enter
///   and leave a room at once, wherever they are, exactly one is told that it is the first, or the last.
/// - Failure: ``ChatError/Code/unavailable`` where the store cannot be reached. A change whose outcome is not known is
///   undone or redone when the store is back, to what this instance was last told.
/// - Lifetime: sessions of an instance that dies are taken out by the others, which tell their observer of the users that
///   have left.
public protocol PresenceStore: Sendable {
    /// Names the one observer. Called once, before anything else.
    func start(_ observer: any PresenceObserver)

    /// Takes a name for a session, and puts it in a room, if it asks for one; or takes it over from the client's own earlier
    /// session, in whose rooms it then is.
    ///
    /// - Throws: ``ChatError/usernameTaken`` where another living session, or a user of an original server, has it, and
    ///   ``ChatError/tooManySessions(limit:)`` where ``Claim/maximumSessions`` share it.
    func claim(_ claim: Claim) async throws(ChatError) -> Claimed

    /// Takes the user of `session` out of some rooms and puts it in another, which it may be in already.
    ///
    /// - Throws: ``ChatError/usernameTaken`` where the session has no name any more (``PresenceObserver/presenceLost(_:)``).
    @discardableResult
    func move(
        _ session: SessionID, leaving: Set<RoomName>, entering: RoomName?
    ) async throws(ChatError) -> Moved

    /// The notices with these ids were published (``PresenceNews/keptAs``). Never fails: what is not known to be told is
    /// told once more.
    func told(_ notices: [String]) async

    /// Gives the session's name back and takes it out of its rooms. Never fails: what cannot be done now is done when
    /// the store is back. Not to be used for a session whose claim failed. Does nothing to a session's successor.
    ///
    /// Of a session that shares its name, the observer is told in which rooms it was the user's last one.
    func release(_ session: SessionID) async

    /// Whether this instance has given no sign of life for so long that others may have names of its sessions: it was frozen.
    /// Then nothing is done in a session's name before ``confirmNames()`` has returned.
    var namesAreDoubtful: Bool { get }

    /// Returns once the observer has heard which sessions have lost their names, or that cannot be found out.
    func confirmNames() async

    /// Whether the name is in use.
    func contains(_ username: Username) async throws(ChatError) -> Bool

    /// A part of the list of all users, or of those in `room`: none where nobody is in it.
    ///
    /// Its cost follows the length of the part, not of the list, as long as nobody but stores of this kind writes to it.
    func users(in room: RoomName?, _ range: ListRange) async throws(ChatError) -> ListPage<String>

    /// A part of the list of rooms that have members.
    func rooms(_ range: ListRange) async throws(ChatError) -> ListPage<RoomSummary>
}

/// What a session asks for when it claims its name.
public struct Claim: Equatable, Sendable {
    /// How many sessions may share a name. What one of them does costs the store a look at each of the others.
    public static let maximumSessions = 100

    public let username: Username
    public let session: SessionID
    /// Where it starts, unless it succeeds an earlier session; nil: in no room.
    public let room: RoomName?
    /// Lets a later connection of the client take over; nil: nobody can (classic sessions).
    public let secret: SessionSecret?
    /// The secret of an earlier session of the client, which it wants to succeed.
    public let presented: SessionSecret?
    /// Where the user's inbox begins: what is older belongs to an earlier user of the name. Nil where nobody knows.
    public let inboxStart: SequenceNumber?
    /// Whether the name is a user's, whose sessions share it; else the session has it alone.
    public let isShared: Bool

    public init(
        username: Username, session: SessionID, room: RoomName?, secret: SessionSecret? = nil,
        presented: SessionSecret? = nil, inboxStart: SequenceNumber? = nil, isShared: Bool = false
    ) {
        self.username = username
        self.session = session
        self.room = room
        self.secret = secret
        self.presented = presented
        self.inboxStart = inboxStart
        self.isShared = isShared
    }
}

/// That a user has come into a room or has left it, with the first session there or the last one. The room is to be told.
public struct PresenceNews: Equatable, Sendable {
    /// The id under which the store keeps the notice until ``PresenceStore/told(_:)``. The notice is to be published with
    /// this id: if that does not happen, the store has it published by somebody else. Nil: the store keeps none.
    public let keptAs: String?

    public init(keptAs: String? = nil) { self.keptAs = keptAs }
}

/// What a move has led to.
public struct Moved: Equatable, Sendable {
    /// Distinct users in each of the rooms that were left or entered, afterwards.
    public let members: [RoomName: Int]
    /// The rooms that are to be told of it. What the observer was told meanwhile comes before that.
    public let news: [RoomName: PresenceNews]

    public init(members: [RoomName: Int], news: [RoomName: PresenceNews]) {
        self.members = members
        self.news = news
    }
}

/// What a claim has led to.
public struct Claimed: Equatable, Sendable {
    /// The session that was succeeded; nil where the name was free.
    public let predecessor: SessionID?
    /// The secret that counts from now on: the claim's own, or the one that was presented and accepted.
    public let secret: SessionSecret?
    /// The rooms it is in, oldest first, with their members: the one it asked for, if any, or those of its predecessor.
    public let rooms: [(name: RoomName, members: Int)]
    /// The claim's own, or the predecessor's.
    public let inboxStart: SequenceNumber?
    /// Those of the rooms that are to be told of it. What the observer was told meanwhile comes before that.
    public let news: [RoomName: PresenceNews]

    public init(
        predecessor: SessionID?, secret: SessionSecret?, rooms: [(name: RoomName, members: Int)],
        inboxStart: SequenceNumber?, news: [RoomName: PresenceNews] = [:]
    ) {
        self.predecessor = predecessor
        self.secret = secret
        self.rooms = rooms
        self.inboxStart = inboxStart
        self.news = news
    }

    public static func == (left: Claimed, right: Claimed) -> Bool {
        left.predecessor == right.predecessor && left.secret == right.secret && left.inboxStart == right.inboxStart
            && left.rooms.elementsEqual(right.rooms, by: ==) && left.news == right.news
    }
}

/// Hears what the presence store finds out by itself.
public protocol PresenceObserver: Sendable {
    /// The name of a session of this instance was taken while the store was out of reach: the session has lost it.
    func presenceLost(_ session: SessionID)

    /// A user of a dead instance was taken out of a room, or is back in it since the instance was not dead. Or a user whose
    /// sessions share the name has come or gone, and it is not known that the room was told.
    ///
    /// - Throws: where it could not be published; then it is told again later, here or on another instance.
    func presenceChanged(_ notice: MembershipNotice) throws(ChatError)
}
