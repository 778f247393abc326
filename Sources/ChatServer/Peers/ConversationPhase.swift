/// Where a conversation stands between its client's coming and the end of its session. A pure value.
///
///     opening ──▶ running ──▶ dismissed
///        │           │            │
///        ▼           ▼            │
///     abandoned ─▶ closing ◀──────┘
///        │           │
///        └──▶ over ◀─┘
///
/// A client shows who it is at the door, before there is a conversation.
enum ConversationPhase<Session> {
    /// The name is being claimed. What the client asks meanwhile waits.
    case opening
    /// The client went while its name was being claimed.
    case abandoned(isGoodbye: Bool)
    case running(Session)
    /// The client is to come back: nothing more is taken from it or shown to it.
    case dismissed(Session)
    /// The client is gone. What it sent before is still done.
    case closing(Session, isGoodbye: Bool)
    /// The session is being closed, or never began.
    case over

    /// In whose name the client's requests are done.
    var session: Session? {
        switch self {
        case .running(let session), .dismissed(let session), .closing(let session, _): session
        case .opening, .abandoned, .over: nil
        }
    }

    /// Whether what the client sends is taken.
    var takesInput: Bool {
        switch self {
        case .opening, .running: true
        case .abandoned, .dismissed, .closing, .over: false
        }
    }

    /// The name is claimed.
    mutating func opened(_ session: Session) {
        switch self {
        case .opening: self = .running(session)
        case .abandoned(let isGoodbye): self = .closing(session, isGoodbye: isGoodbye)
        case .running, .dismissed, .closing, .over: assertionFailure("a session begins once")
        }
    }

    /// The name could not be claimed.
    mutating func refused() { self = .over }

    mutating func dismiss() {
        if case .running(let session) = self { self = .dismissed(session) }
    }

    mutating func clientGone(isGoodbye: Bool) {
        switch self {
        case .opening: self = .abandoned(isGoodbye: isGoodbye)
        case .running(let session), .dismissed(let session): self = .closing(session, isGoodbye: isGoodbye)
        case .abandoned, .closing, .over: break
        }
    }

    /// Nothing that the client has asked for is under way any more.
    ///
    /// - Returns: the session that is to be closed now; nil where none is.
    mutating func nothingLeft() -> (session: Session, isGoodbye: Bool)? {
        guard case .closing(let session, let isGoodbye) = self else { return nil }
        self = .over
        return (session, isGoodbye)
    }
}

extension ConversationPhase: Sendable where Session: Sendable {}
extension ConversationPhase: Equatable where Session: Equatable {}
